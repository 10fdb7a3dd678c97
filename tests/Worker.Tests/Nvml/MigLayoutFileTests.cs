using GpuActors.Worker.Nvml;

namespace GpuActors.Worker.Tests.Nvml;

public sealed class MigLayoutFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpuactors-mig-");
    private readonly MigLayoutFile _file;

    public MigLayoutFileTests() => _file = new MigLayoutFile(_folder.FullName);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_is_recorded_is_read_again()
    {
        _file.Read().ShouldBeEmpty();
        _file.Write([Record("GPU-1", Slice("3g.20gb", 4), Slice("1g.5gb", 0)), Record("GPU-2")]);

        var read = new MigLayoutFile(_folder.FullName).Read();

        read.Select(record => (record.Uuid, record.Gpu, record.Slices.Count)).ShouldBe([
            ("GPU-1", "NVIDIA A100-SXM4-40GB", 2), ("GPU-2", "NVIDIA A100-SXM4-40GB", 0)]);
        read[0].Slices.ShouldBe([new MigSlice("3g.20gb", 9, 4, 4), new MigSlice("1g.5gb", 19, 0, 1)]);
        _folder.GetFiles().ShouldHaveSingleItem("nothing else is left in the data folder");
    }

    [Fact]
    public void What_contradicts_itself_is_not_recorded()
    {
        _file.Write([Record("GPU-1", Slice("1g.5gb", 0))]);

        Should.Throw<ArgumentException>(() => _file.Write([Record("GPU-1", Slice("3g.20gb", 0), Slice("1g.5gb", 2))]))
            .Message.ShouldContain("GPU GPU-1: 1g.5gb at 2 overlaps another slice");
        _file.Read().ShouldHaveSingleItem().Slices.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("", "it is no such document")]
    [InlineData("null", "it is empty")]
    [InlineData("{'version':1,'gpus':[{'uuid':'G'", "it is no such document")]
    [InlineData("{'version':1}", "'gpus'")]
    [InlineData("{'version':1,'gpus':null}", "it is no such document")]
    [InlineData("{'version':2,'gpus':[]}", "it has version 2; this worker reads version 1")]
    [InlineData("{'version':1,'gpus':[],'more':1}", "more")]
    [InlineData("{'version':1,'gpus':[null]}", "a GPU or slice is null")]
    [InlineData("{'version':1,'gpus':[{'uuid':'','gpu':'A','slices':[]}]}", "no sensible UUID")]
    [InlineData("{'version':1,'gpus':[TWO,TWO]}", "a GPU is there twice")]
    [InlineData("{'version':1,'gpus':[{'uuid':'G','gpu':'A','slices':[null]}]}", "a GPU or slice is null")]
    [InlineData("{'version':1,'gpus':[{'uuid':'G','gpu':'A','slices':[AT127]}]}", "lies outside of a GPU")]
    [InlineData("{'version':1,'gpus':[{'uuid':'G','gpu':'A','slices':[FAR]}]}", "lies outside of a GPU")]
    public void A_wrong_file_is_refused_with_the_reason_and_stays_where_it_is(string text, string reason)
    {
        text = text
            .Replace("TWO", "{'uuid':'G','gpu':'A','slices':[]}")
            .Replace("AT127", "{'profile':'1g.5gb','profileId':19,'start':127,'size':2}")
            .Replace("FAR", "{'profile':'1g.5gb','profileId':19,'start':2147483647,'size':1}")
            .Replace('\'', '"');
        File.WriteAllText(_file.Path, text);

        var message = Should.Throw<MigLayoutFileException>(() => _file.Read()).Message;

        message.ShouldStartWith(_file.Path);
        message.ShouldContain(reason);
        File.ReadAllText(_file.Path).ShouldBe(text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_recorded_layout_is_there_again_after_a_reboot(bool keepsMode)
    {
        using var fake = FakeNvml.WithMig("A100-40", out var uuid);
        using var nvml = fake.Open();
        MigSlice[] wanted = [Slice("3g.20gb", 4), Slice("2g.10gb", 2), Slice("1g.5gb", 0), Slice("1g.5gb", 1)];
        new MigLayout(nvml).Apply(uuid, wanted);
        _file.Write([Record(uuid, wanted)]);

        fake.Reboot(keepsMode);
        var restored = MigRestore.Run(nvml, _file.Read()).ShouldHaveSingleItem();

        restored.Reason.ShouldBeNull();
        restored.Applied.ShouldNotBeNull().Created.ShouldBe(4);
        Slices.There(nvml, uuid).ShouldBe(Slices.Expected("A100-40", wanted));
    }

    [Fact]
    public void A_restarted_worker_leaves_a_layout_in_use_alone()
    {
        using var fake = FakeNvml.WithMig("A100-40", out var uuid);
        using var nvml = fake.Open();
        MigSlice[] wanted = [Slice("3g.20gb", 4)];
        new MigLayout(nvml).Apply(uuid, wanted);
        fake.SetProcesses(1);
        fake.Use(start: 4, pid: 1000);
        var changes = fake.Changes;

        var restored = MigRestore.Run(nvml, [Record(uuid, wanted)]).ShouldHaveSingleItem();

        restored.Reason.ShouldBeNull();
        fake.Changes.ShouldBe(changes);
    }

    [Fact]
    public void What_cant_be_restored_is_told_and_keeps_no_other_GPU_from_it()
    {
        using var fake = FakeNvml.WithMig("A100-40", out var uuid);
        fake.Add("T4", bus: 1);
        using var nvml = fake.Open();
        var t4 = nvml.UuidOf(nvml.DeviceAt(1));

        var restored = MigRestore.Run(nvml, [Record("GPU-gone"), Record(t4), Record(uuid, Slice("7g.40gb", 0))]);

        restored[0].Reason.ShouldNotBeNull().ShouldContain("GPU-gone");
        restored[1].Reason.ShouldNotBeNull().ShouldContain("has no MIG");
        restored[2].Reason.ShouldBeNull();
        restored[2].Applied.ShouldNotBeNull().Created.ShouldBe(1);
    }

    [Theory]
    [InlineData(NvmlCode.ResetRequired, "is reset")]
    [InlineData(NvmlCode.InUse, "a process uses the GPU")]
    public void A_mode_that_waits_is_told_rather_than_a_layout_forced(NvmlCode activation, string reason)
    {
        using var fake = FakeNvml.WithMig("A30", out var uuid);
        using var nvml = fake.Open();
        fake.Reboot(keepsMode: false);
        fake.SetActivation(activation);

        MigRestore.Run(nvml, [Record(uuid, Slices.Of("A30", "1g.6gb", 0))]).ShouldHaveSingleItem()
            .Reason.ShouldNotBeNull().ShouldContain(reason);
    }

    private static MigRecord Record(string uuid, params MigSlice[] slices) =>
        new(uuid, "NVIDIA A100-SXM4-40GB", slices);

    private static MigSlice Slice(string profile, int start) => Slices.Of("A100-40", profile, start);
}
