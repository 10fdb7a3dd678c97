using System.Runtime.InteropServices;
using GpuActors.Interception.Objects;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Entries;

/// <summary>
/// What the platform does not offer: sharing with graphics, pipes, shared virtual memory, native and built-in kernels,
/// intermediate languages. A call returns an error and touches nothing. Functions that return a code ignore their
/// parameters, so one serves them all; of those that return an object, the place of the code depends on how many
/// parameters they have.
/// </summary>
internal static unsafe class UnsupportedEntries
{
    public static void Fill(nint* table)
    {
        for (var slot = 0; slot < (int)Slot.Count; slot++)
            table[slot] = (nint)(delegate* unmanaged<int>)&NoOperation;
        // name, parameters: those that return an object, or nothing
        Nothing(table, Slot.CreateFromGLBuffer, 4);
        Nothing(table, Slot.CreateFromGLTexture2D, 6);
        Nothing(table, Slot.CreateFromGLTexture3D, 6);
        Nothing(table, Slot.CreateFromGLRenderbuffer, 4);
        Nothing(table, Slot.CreateFromGLTexture, 6);
        Nothing(table, Slot.CreateEventFromGLsyncKHR, 3);
        Nothing(table, Slot.CreateFromD3D10BufferKHR, 4);
        Nothing(table, Slot.CreateFromD3D10Texture2DKHR, 5);
        Nothing(table, Slot.CreateFromD3D10Texture3DKHR, 5);
        Nothing(table, Slot.CreateFromD3D11BufferKHR, 4);
        Nothing(table, Slot.CreateFromD3D11Texture2DKHR, 5);
        Nothing(table, Slot.CreateFromD3D11Texture3DKHR, 5);
        Nothing(table, Slot.CreateFromDX9MediaSurfaceKHR, 6);
        Nothing(table, Slot.CreateFromEGLImageKHR, 6);
        Nothing(table, Slot.CreateEventFromEGLSyncKHR, 4);
        Nothing(table, Slot.CreatePipe, 6);
        Nothing(table, Slot.CreateProgramWithBuiltInKernels, 5);
        Nothing(table, Slot.CreateProgramWithIL, 4);
        table[(int)Slot.SVMAlloc] = (nint)(delegate* unmanaged<nint>)&NoMemory;
        table[(int)Slot.SVMFree] = (nint)(delegate* unmanaged<void>)&NoEffect;
        table[(int)Slot.GetPipeInfo] = (nint)(delegate* unmanaged<int>)&NoPipe;
        table[(int)Slot.GetGLObjectInfo] = (nint)(delegate* unmanaged<int>)&NoGraphics;
        table[(int)Slot.GetGLTextureInfo] = (nint)(delegate* unmanaged<int>)&NoGraphics;
    }

    private static void Nothing(nint* table, Slot slot, int parameters) => table[(int)slot] = parameters switch
    {
        3 => (nint)(delegate* unmanaged<nint, nint, int*, nint>)&Nothing3,
        4 => (nint)(delegate* unmanaged<nint, nint, nint, int*, nint>)&Nothing4,
        5 => (nint)(delegate* unmanaged<nint, nint, nint, nint, int*, nint>)&Nothing5,
        _ => (nint)(delegate* unmanaged<nint, nint, nint, nint, nint, int*, nint>)&Nothing6,
    };

    private static nint Refuse(int* code)
    {
        Outcome.Give(code, OpenClErrors.InvalidOperation);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int NoOperation() => OpenClErrors.InvalidOperation;

    [UnmanagedCallersOnly]
    private static int NoPipe() => OpenClErrors.InvalidMemObject;

    [UnmanagedCallersOnly]
    private static int NoGraphics() => ClCodes.InvalidGlObject;

    [UnmanagedCallersOnly]
    private static nint NoMemory() => 0;

    [UnmanagedCallersOnly]
    private static void NoEffect()
    {
    }

    [UnmanagedCallersOnly]
    private static nint Nothing3(nint a, nint b, int* code) => Refuse(code);

    [UnmanagedCallersOnly]
    private static nint Nothing4(nint a, nint b, nint c, int* code) => Refuse(code);

    [UnmanagedCallersOnly]
    private static nint Nothing5(nint a, nint b, nint c, nint d, int* code) => Refuse(code);

    [UnmanagedCallersOnly]
    private static nint Nothing6(nint a, nint b, nint c, nint d, nint e, int* code) => Refuse(code);
}
