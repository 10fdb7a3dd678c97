namespace GpuActors.Shared.Commands;

/// <summary>What an opcode says of its frame.</summary>
public static class OpcodeKinds
{
    /// <summary>Whether a client that sends such a command waits for its reply, at once or later.</summary>
    public static bool IsAwaited(this Opcode opcode) => opcode switch
    {
        Opcode.BuildProgram or Opcode.CompileProgram or Opcode.LinkProgram or Opcode.DescribeProgram
            or Opcode.GetProgramBinary => true,
        Opcode.ReadBuffer or Opcode.ReadBufferRect or Opcode.ReadImage => true,
        Opcode.Finish or Opcode.Fence or Opcode.WaitEvents or Opcode.QueryEvent or Opcode.Query
            or Opcode.GetImageFormats => true,
        _ => false,
    };
}
