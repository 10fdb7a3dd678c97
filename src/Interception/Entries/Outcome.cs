using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>
/// What an entry point returns. Each one is a static method that catches everything: an exception must not reach the
/// program's frames.
/// </summary>
internal static unsafe class Outcome
{
    /// <summary>The code of a call that failed.</summary>
    public static int Code(Exception exception)
    {
        switch (exception)
        {
            case ClFailure failure:
                Diagnostics.Trace(failure.Code, failure);
                return failure.Code;
            case OutOfMemoryException:
                return OpenClErrors.OutOfHostMemory;
            case ProtocolException:
                // A list or text longer than the protocol carries.
                Diagnostics.Trace(OpenClErrors.InvalidValue, exception);
                return OpenClErrors.InvalidValue;
            default:
                Diagnostics.Trace(OpenClErrors.OutOfResources, exception);
                return OpenClErrors.OutOfResources;
        }
    }

    /// <summary>A call that makes an object has made it.</summary>
    public static nint Created(ClObject made, int* code)
    {
        Give(code, OpenClErrors.Success);
        return made.Handle;
    }

    /// <summary>A call that returns an object or an address has failed.</summary>
    public static nint Failed(Exception exception, int* code)
    {
        Give(code, Code(exception));
        return 0;
    }

    /// <summary>Says the code of a call that returns something else, if the program wants it.</summary>
    public static void Give(int* code, int value)
    {
        if (code is not null)
            *code = value;
    }

    /// <summary><c>clRetain…</c> of any kind.</summary>
    public static int Retained<T>(nint handle)
        where T : ClObject, IClKind
    {
        if (HandleTable.Find<T>(handle) is not { } found)
            return T.InvalidCode;
        found.Retain();
        return OpenClErrors.Success;
    }

    /// <summary><c>clRelease…</c> of any kind.</summary>
    public static int Released<T>(nint handle)
        where T : ClObject, IClKind
    {
        try
        {
            return HandleTable.Find<T>(handle)?.Release() == true ? OpenClErrors.Success : T.InvalidCode;
        }
        catch (Exception exception)
        {
            return Code(exception);
        }
    }
}
