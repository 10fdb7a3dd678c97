using GpuActors.Shared.Commands;

namespace GpuActors.Shared.Tests.Commands;

/// <summary>The bytes themselves, as docs/protocol.md gives them: a change here breaks peers of another version.</summary>
public class WireFormatTests
{
    [Fact]
    public void A_header_is_length_opcode_flags_sequence_little_endian()
    {
        byte[] bytes = CodecProperties.Encode(0x1122334455667788, new Flush(0x0A));

        Convert.ToHexString(bytes).ShouldBe("08000000" + "0105" + "0000" + "8877665544332211" + "0A00000000000000");
    }

    [Fact]
    public void A_hello_starts_with_the_magic_letters()
    {
        byte[] bytes = CodecProperties.Encode(
            1, new Hello(1, 1, ConnectionKind.Main, "a/b", 2, new byte[] { 0xFF }));

        Convert.ToHexString(bytes[16..]).ShouldBe(
            "47505541" + "0100" + "0100" + "00" + "0200000000000000" + "03000000612F62" + "01000000FF");
    }

    [Fact]
    public void A_launch_is_queue_event_notify_waits_kernel_dimensions_sizes_arguments()
    {
        byte[] bytes = CodecProperties.Encode(1, new LaunchKernel(
            new Enqueue(1, 2, 3, Notify: true), 4, 1, new WorkSize(5),
            new[] { KernelArgument.Memory(6), KernelArgument.Value(7) }));

        Convert.ToHexString(bytes[16..]).ShouldBe(
            U64(1) + U64(2) + "01" + "01000000" + U64(3) + U64(4) + "01" + U64(0) + U64(0) + U64(0) + U64(5) + U64(1)
            + U64(1) + U64(0) + U64(0) + U64(0) + "02000000" + "01" + U64(6) + "04" + "04000000" + "07000000");
    }

    [Fact]
    public void Every_opcode_of_the_protocol_document_is_in_the_code_and_the_other_way_round()
    {
        string document = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "protocol.md"));
        foreach (Opcode opcode in Enum.GetValues<Opcode>())
            document.ShouldContain($"| `{(int)opcode:X4}` | {opcode} |");
        document.Split("\n| `").Length.ShouldBe(Enum.GetValues<Opcode>().Length + 1);
    }

    [Theory]
    [InlineData("00001000" + "0105" + "0000", "flags")] // 1 MiB is allowed, and then the flags below are wrong
    [InlineData("01001000" + "0105" + "0000", "at most 1048576")]
    [InlineData("FFFFFFFF" + "0105" + "0000", "at most 1048576")]
    [InlineData("00000000" + "FFFF" + "0000", "0xFFFF is not known")]
    [InlineData("47455420" + "2F20" + "4854", "not known")] // "GET / HT"
    public void A_wrong_header_is_refused_before_its_payload_is_awaited(string start, string message)
    {
        byte[] header = Convert.FromHexString(start + "0900000000000000");
        if (message == "flags")
            header[6] = 1;

        Should.Throw<ProtocolException>(() => FrameHeader.TryRead(header, out _)).Message.ShouldContain(message);
    }

    [Fact]
    public void A_field_over_its_limit_is_refused_on_writing_and_nothing_is_written()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var command = new WaitEvents(new ulong[ProtocolLimits.MaxWaitList + 1]);

        Should.Throw<ProtocolException>(() => CommandWriter.Write(output, 1, command))
            .Message.ShouldContain("events has 4097 entries; at most 4096");
        output.WrittenCount.ShouldBe(0);
    }

    [Fact]
    public void Writing_a_launch_allocates_nothing()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(4096);
        var launch = new LaunchKernel(1, 4, 1, new WorkSize(5), new[] { KernelArgument.Memory(6) });
        CommandWriter.Write(output, 1, launch);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
            CommandWriter.Write(output, 1, launch);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static string U64(byte value) => $"{value:X2}00000000000000";

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GpuActors.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("GpuActors.sln not found above the test's folder");
    }
}
