using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Tests.Executors;

[Collection(ExecutorCollection.Name)]
public class MemoryTests(ExecutorFixture fixture)
{
    private const ulong MiB = 1 << 20;

    [Fact]
    public async Task A_new_buffer_is_zero_also_where_another_ones_data_lay()
    {
        await using TestSession session = await fixture.OpenAsync(memoryBytes: 32 * MiB);
        foreach (int size in new[] { 64, 4096, 1 << 20, 20 << 20 })
        {
            var secret = new byte[size];
            Array.Fill(secret, (byte)0xA5);
            for (var round = 0; round < 3; round++)
            {
                ulong buffer = await session.BufferAsync((ulong)size);
                byte[] found = await session.ReadAsync<byte>(buffer, size);
                found.AsSpan().IndexOfAnyExcept((byte)0).ShouldBe(-1);
                await session.WriteAsync(TestSession.Queue, buffer, 0, secret);
                await session.SendAsync(new Release(buffer));
            }
        }
    }

    [Fact]
    public async Task Fill_copy_and_offsets_touch_what_they_should_and_nothing_else()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong a = await session.BufferAsync(64), b = await session.BufferAsync(64);

        await session.SendAsync(new FillBuffer(TestSession.Queue, a, 8, 16, new byte[] { 1, 2, 3, 4 }));
        await session.SendAsync(new CopyBuffer(TestSession.Queue, a, b, 8, 32, 12));
        await session.WriteAsync(TestSession.Queue, b, 60, (byte)9);

        byte[] expected = new byte[64];
        for (var i = 0; i < 12; i++)
            expected[32 + i] = (byte)((i % 4) + 1);
        expected[60] = 9;
        (await session.ReadAsync<byte>(b, 64)).ShouldBe(expected);
        (await session.ReadAsync<byte>(b, 8, 32)).ShouldBe(expected[32..40]);
    }

    [Fact]
    public async Task Rectangles_are_read_written_and_copied()
    {
        const int Width = 8, Height = 6, Depth = 2;
        await using TestSession session = await fixture.OpenAsync();
        byte[] content = [.. Enumerable.Range(0, Width * Height * Depth).Select(i => (byte)i)];
        ulong a = await session.BufferOfAsync(content), b = await session.BufferAsync((ulong)content.Length);
        var layout = new RectLayout(new WorkSize(2, 1, 0), Width, Width * Height);
        var region = new WorkSize(3, 2, 2);

        byte[] read = await session.ReadDataAsync(new ReadBufferRect(TestSession.Queue, a, layout, region), 12);
        await session.SendAsync(new WriteBufferRect(TestSession.Queue, b, layout, region, 12), read);
        var elsewhere = new RectLayout(new WorkSize(5, 4, 0), Width, Width * Height);
        await session.SendAsync(new CopyBufferRect(TestSession.Queue, a, b, layout, elsewhere, region));

        read.ShouldBe([10, 11, 12, 18, 19, 20, 58, 59, 60, 66, 67, 68]);
        byte[] result = await session.ReadAsync<byte>(b, content.Length);
        result[(1 * Width) + 2].ShouldBe((byte)10);
        result[(Width * Height) + (2 * Width) + 4].ShouldBe((byte)68);
        result[(4 * Width) + 5].ShouldBe((byte)10);
        result.Count(value => value != 0).ShouldBe(24);
    }

    [Fact]
    public async Task A_sub_buffer_is_a_window_on_its_parent()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong parent = await session.BufferAsync(4096), part = session.NewId();
        await session.SendAsync(new CreateSubBuffer(part, parent, 1024, 1024));
        ulong used = await session.QueryAsync(SessionInfo.MemoryUsedBytes);

        await session.WriteAsync(TestSession.Queue, part, 8, 77);
        (await session.ReadAsync<int>(parent, 1, 1032)).ShouldBe([77]);
        await session.SendAsync(new Release(parent)); // the part keeps it alive
        (await session.ReadAsync<int>(part, 1, 8)).ShouldBe([77]);
        await session.SendAsync(new ReadBuffer(TestSession.Queue, part, 1020, 8));
        (await session.FailureAsync()).Detail.ShouldContain("which has 1024");
        (await session.QueryAsync(SessionInfo.MemoryUsedBytes)).ShouldBe(used);
        await session.SendAsync(new Release(part));
        await session.FenceAsync();

        used.ShouldBe(4096UL);
        (await session.QueryAsync(SessionInfo.MemoryUsedBytes)).ShouldBe(0UL);
    }

    [Fact]
    public async Task Transfers_of_many_chunks_arrive_whole()
    {
        await using TestSession session = await fixture.OpenAsync();
        byte[] content = new byte[(7 << 20) + 12345];
        new Random(3).NextBytes(content);
        ulong buffer = await session.BufferAsync((ulong)content.Length);

        await session.WriteAsync(TestSession.Queue, buffer, 0, content);

        (await session.ReadAsync<byte>(buffer, content.Length)).ShouldBe(content);
    }

    [Fact]
    public async Task A_session_gets_all_of_its_slice_and_not_a_byte_more()
    {
        const ulong Slice = 50 * MiB;
        await using TestSession session = await fixture.OpenAsync(memoryBytes: Slice);
        var buffers = new List<ulong>();
        foreach (ulong piece in new[] { 16 * MiB, 1 * MiB, 64 * 1024UL, 4096UL, 1UL })
        {
            while (true)
            {
                ulong buffer = await session.BufferAsync(piece);
                ulong usedNow = await session.QueryAsync(SessionInfo.MemoryUsedBytes);
                usedNow.ShouldBeLessThanOrEqualTo(Slice);
                if (session.Heard.Failures.TryDequeue(out (ulong Sequence, Error Error) failure))
                {
                    failure.Error.Code.ShouldBe(OpenClErrors.MemObjectAllocationFailure);
                    failure.Error.Text.ShouldContain($"of its slice's {Slice} bytes");
                    break;
                }
                buffers.Add(buffer);
            }
        }

        (await session.QueryAsync(SessionInfo.MemoryUsedBytes)).ShouldBe(Slice);
        await session.SendAsync(new Release(buffers[0]));
        await session.BufferAsync(16 * MiB); // what is released can be used at once
        (await session.QueryAsync(SessionInfo.MemoryUsedBytes)).ShouldBe(Slice);
        session.Heard.Failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_buffer_can_be_the_whole_slice_and_none_can_be_larger()
    {
        await using TestSession session = await fixture.OpenAsync(memoryBytes: 24 * MiB);
        await session.BufferAsync((24 * MiB) + 1);
        (await session.FailureAsync()).Code.ShouldBe(OpenClErrors.InvalidBufferSize);
        await session.BufferAsync(0UL);
        (await session.FailureAsync()).Code.ShouldBe(OpenClErrors.InvalidBufferSize);

        ulong all = await session.BufferAsync(24 * MiB);
        await session.WriteAsync(TestSession.Queue, all, (24 * MiB) - 4, 5);

        (await session.ReadAsync<int>(all, 1, (24 * MiB) - 4)).ShouldBe([5]);
        session.Session.Connection.Welcome.Devices[0].MaxAllocationBytes.ShouldBe(24 * MiB);
    }

    [Fact]
    public async Task Ten_thousand_allocations_leak_nothing()
    {
        await using TestSession session = await fixture.OpenAsync(memoryBytes: 8 * MiB);
        for (var i = 0; i < 10_000; i++)
        {
            ulong buffer = await session.BufferAsync(7 * MiB / (ulong)((i % 7) + 1));
            if (i % 100 == 0)
                await session.WriteAsync(TestSession.Queue, buffer, 0, i);
            await session.SendAsync(new Release(buffer));
        }
        await session.FenceAsync();

        session.Heard.Failures.ShouldBeEmpty();
        (await session.QueryAsync(SessionInfo.MemoryUsedBytes)).ShouldBe(0UL);
        (await session.QueryAsync(SessionInfo.Objects)).ShouldBe(2UL);
    }

    [Fact]
    public async Task Memory_released_while_a_kernel_still_uses_it_is_waited_for()
    {
        await using TestSession session = await fixture.OpenAsync(memoryBytes: 16 * MiB);
        ulong kernel = await session.KernelAsync(
            """
            kernel void slow(global uint* a, uint n) {
                uint x = a[0];
                for (uint i = 0; i < n; i++) x = x * 1103515245u + 12345u + a[i & 7];
                a[1] = x;
            }
            """,
            "slow");
        ulong first = await session.BufferAsync(12 * MiB);
        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(first), KernelArgument.Value(30_000_000U));
        await session.SendAsync(new Release(first));

        ulong second = await session.BufferAsync(12 * MiB);
        await session.FenceAsync();

        session.Heard.Failures.ShouldBeEmpty();
        (await session.ReadAsync<uint>(second, 2)).ShouldBe([0U, 0U]);
        (await session.QueryAsync(SessionInfo.MemoryPeakBytes)).ShouldBe(12 * MiB);
    }

    [Fact]
    public async Task Images_are_written_sampled_copied_and_read()
    {
        await using TestSession session = await fixture.OpenAsync();
        var format = new ImageFormat(ChannelOrder.RGBA, ChannelType.UnsignedInt8);
        var shape = new ImageShape(MemObjectType.Image2D, new WorkSize(16, 8));
        ulong source = session.NewId(), target = session.NewId(), sampler = session.NewId();
        byte[] pixels = [.. Enumerable.Range(0, 16 * 8 * 4).Select(i => (byte)i)];
        await session.SendAsync(new CreateImage(source, TestSession.Context, format, shape, DataBytes: 512), pixels);
        await session.SendAsync(new CreateImage(target, TestSession.Context, format, shape));
        await session.SendAsync(
            new CreateSampler(sampler, TestSession.Context, false, AddressingMode.ClampToEdge, FilterMode.Nearest));
        ulong kernel = await session.KernelAsync(
            """
            kernel void flip(read_only image2d_t in, write_only image2d_t out, sampler_t s) {
                int2 p = (int2)(get_global_id(0), get_global_id(1));
                write_imageui(out, p, read_imageui(in, s, (int2)(15 - p.x, p.y)));
            }
            """,
            "flip");
        byte[] before = await session.ReadDataAsync(
            new ReadImage(TestSession.Queue, target, WorkSize.Zero, new WorkSize(16, 8)), 512);

        await session.SendAsync(new LaunchKernel(TestSession.Queue, kernel, 2, new WorkSize(16, 8), new[]
        {
            KernelArgument.Memory(source), KernelArgument.Memory(target), KernelArgument.Sampler(sampler),
        }));
        byte[] flipped = await session.ReadDataAsync(
            new ReadImage(TestSession.Queue, target, WorkSize.Zero, new WorkSize(16, 8)), 512);

        before.ShouldBe(new byte[512]);
        flipped[..4].ShouldBe(pixels[60..64]);
        flipped[60..64].ShouldBe(pixels[..4]);
    }

    [Fact]
    public async Task Image_regions_go_to_and_from_buffers_and_are_filled()
    {
        await using TestSession session = await fixture.OpenAsync();
        var format = new ImageFormat(ChannelOrder.R, ChannelType.Float);
        ulong image = session.NewId(), copy = session.NewId();
        var shape = new ImageShape(MemObjectType.Image3D, new WorkSize(4, 4, 2));
        await session.SendAsync(new CreateImage(image, TestSession.Context, format, shape));
        await session.SendAsync(new CreateImage(copy, TestSession.Context, format, shape));
        ulong buffer = await session.BufferOfAsync(1f, 2f, 3f, 4f);
        byte[] color = [.. BitConverter.GetBytes(9f), .. new byte[12]];

        await session.SendAsync(
            new FillImage(TestSession.Queue, image, color, WorkSize.Zero, new WorkSize(4, 4, 2)));
        await session.SendAsync(new CopyBufferToImage(
            TestSession.Queue, buffer, image, 0, new WorkSize(1, 1, 1), new WorkSize(2, 2)));
        await session.SendAsync(new WriteImage(
            TestSession.Queue, image, WorkSize.Zero, new WorkSize(1), 4), BitConverter.GetBytes(7f));
        await session.SendAsync(new CopyImage(
            TestSession.Queue, image, copy, WorkSize.Zero, WorkSize.Zero, new WorkSize(4, 4, 2)));
        await session.SendAsync(new CopyImageToBuffer(
            TestSession.Queue, copy, buffer, new WorkSize(0, 2, 1), new WorkSize(4), 0));

        (await session.ReadAsync<float>(buffer, 4)).ShouldBe([9f, 3f, 4f, 9f]);
        byte[] corner = await session.ReadDataAsync(
            new ReadImage(TestSession.Queue, copy, WorkSize.Zero, new WorkSize(2)), 8);
        BitConverter.ToSingle(corner).ShouldBe(7f);
        BitConverter.ToSingle(corner, 4).ShouldBe(9f);
    }

    [Fact]
    public async Task Images_count_against_the_slice()
    {
        await using TestSession session = await fixture.OpenAsync(memoryBytes: 4 * MiB);
        var format = new ImageFormat(ChannelOrder.RGBA, ChannelType.Float);
        ulong image = session.NewId();
        await session.SendAsync(new CreateImage(
            image, TestSession.Context, format, new ImageShape(MemObjectType.Image2D, new WorkSize(256, 512))));
        (await session.QueryAsync(SessionInfo.MemoryUsedBytes)).ShouldBe(2 * MiB);

        await session.SendAsync(new CreateImage(
            session.NewId(), TestSession.Context, format,
            new ImageShape(MemObjectType.Image2D, new WorkSize(512, 512))));
        (await session.FailureAsync()).Code.ShouldBe(OpenClErrors.MemObjectAllocationFailure);
        await session.SendAsync(new CreateImage(
            session.NewId(), TestSession.Context, format with { Type = (ChannelType)1 },
            new ImageShape(MemObjectType.Image2D, new WorkSize(1, 1))));
        (await session.FailureAsync()).Code.ShouldBe(-39); // CL_INVALID_IMAGE_FORMAT_DESCRIPTOR
    }

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(60UL, 8UL)]
    [InlineData(ulong.MaxValue, 8UL)]
    [InlineData(8UL, ulong.MaxValue)]
    public async Task Reads_beyond_a_buffer_are_refused(ulong offset, ulong size)
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong buffer = await session.BufferAsync(64);

        await session.SendAsync(new ReadBuffer(TestSession.Queue, buffer, offset, size));

        (await session.FailureAsync()).Code.ShouldBe(OpenClErrors.InvalidValue);
    }
}
