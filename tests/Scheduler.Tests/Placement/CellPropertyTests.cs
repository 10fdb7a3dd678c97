using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;
using static GpuActors.Scheduler.Tests.Placement.TestGpus;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>
/// Whatever is created, destroyed, set, crashed and restarted: no layout breaks a rule, and what is recovered from the
/// journal, as it is stored, is what was there before.
/// </summary>
public sealed class CellPropertyTests
{
    private const int Sequences = 1000;

    private static readonly string[] Models = [A100, "A30", "H100-SXM5-80GB", "MI300X", "A40", "T4"];

    [Fact]
    public void No_sequence_of_create_destroy_change_mode_crash_and_restart_breaks_an_invariant() =>
        Prop.ForAll(Gen.Choose(0, 1 << 20).ArrayOf(80).ToArbitrary(), moves =>
        {
            var run = new Run();
            Array.ForEach(moves, run.Move);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(Sequences));

    /// <summary>One cell with its journal, and the hosts as they are.</summary>
    private sealed class Run
    {
        private readonly List<byte[]> _journal = [];
        private readonly Dictionary<string, GpuInventory[]> _hosts = [];
        private readonly string[] _policies = ["best-fit", "spread"];
        private CellState _cell = new(GpuModels.BuiltIn);
        private byte[]? _snapshot;
        private int _sessions;
        private long _lease;

        public Run()
        {
            Start("a", 1);
            Start("b", 2);
        }

        public void Move(int move)
        {
            var (kind, which) = (move % 16, move / 16);
            switch (kind)
            {
                case < 7:
                    Create(RequestOf(which), _policies[which % 2]);
                    break;
                case < 11:
                    Destroy(which);
                    break;
                case 11 or 12:
                    SetMode(which);
                    break;
                case 13:
                    Crash(fromSnapshot: false);
                    break;
                case 14:
                    Crash(fromSnapshot: which % 2 == 0);
                    break;
                default:
                    Start(which % 2 == 0 ? "a" : "b", which);
                    break;
            }

            CheckAll();
        }

        private static GpuRequest RequestOf(int which)
        {
            var model = GpuModels.BuiltIn.Find(Models[which % Models.Length])!;
            var profiles = (model.Mig?.Profiles ?? []).Concat(model.Vgpu?.Types ?? []).ToArray();
            return (which / 7 % 6) switch
            {
                0 => Whole(),
                1 => new GpuRequest { Function = true },
                2 => Fraction(1 + (which % 60)),
                _ when profiles.Length == 0 => Fraction(1 + (which % 90)),
                _ => Profile(profiles[which / 42 % profiles.Length].Name, 1 + (which % 13 / 12)),
            };
        }

        private void Create(GpuRequest request, string policy)
        {
            var decision = new CellEngine(_cell, policy).Decide(request, new HashSet<string>());
            if (decision.Fits)
            {
                var reserved = new SliceReserved($"t/{_sessions++}", _cell.LastEpoch + 1, decision.Slices, default);
                _cell.Apply(reserved);
                Write(reserved, SchedulerEventsJsonContext.Default.SliceReserved);
            }
            else
            {
                decision.Refusal.ShouldNotBeNull().ShouldStartWith("No room: ");
            }
        }

        private void Destroy(int which)
        {
            if (_cell.Reservations.Count > 0)
            {
                var (session, owned) = _cell.Reservations.ElementAt(which % _cell.Reservations.Count);
                _cell.Release(session, owned.Epoch, out _).ShouldBeTrue();
                Write(new SliceReleased(session, owned.Epoch, default), SchedulerEventsJsonContext.Default.SliceReleased);
            }
        }

        private void SetMode(int which)
        {
            var gpus = _cell.Hosts.Values.SelectMany(host => host).ToArray();
            var gpu = gpus[which % gpus.Length];
            GpuMode? mode = which / 8 % 3 == 0 ? null : gpu.AllowedModes[which / 24 % gpu.AllowedModes.Count];
            var set = new GpuModeSet(gpu.Host, gpu.Inventory.Index, mode, "op", default);
            if (gpu.SliceCount > 0)
            {
                Should.Throw<InvalidOperationException>(() => _cell.Apply(set));
                return;
            }

            _cell.Apply(set);
            Write(set, SchedulerEventsJsonContext.Default.GpuModeSet);
        }

        /// <summary>A host starts, perhaps with other devices than before.</summary>
        private void Start(string host, int which)
        {
            var gpus = _hosts.GetValueOrDefault(host);
            if (gpus is null || which % 3 == 0)
            {
                gpus = _hosts[host] = [.. Enumerable.Range(0, 1 + (which / 3 % 3)).Select(i =>
                    Gpu(i, Models[(which / 9 * (i + 1)) % Models.Length], which % 5 == 0 ? GpuMode.Mig : null))];
            }

            _cell.HostUp(host, gpus, lease: ++_lease);
        }

        /// <summary>Another cell goes on from the journal; the hosts have not changed.</summary>
        private void Crash(bool fromSnapshot)
        {
            var before = Picture(_cell);
            if (fromSnapshot)
            {
                _snapshot = JsonSerializer.SerializeToUtf8Bytes(
                    _cell.Snapshot(), SchedulerEventsJsonContext.Default.CellSnapshot);
                _journal.Clear();
            }

            var last = _cell.LastEpoch;
            _cell = new CellState(GpuModels.BuiltIn);
            if (_snapshot is not null)
            {
                _cell.Restore(JsonSerializer.Deserialize(_snapshot, SchedulerEventsJsonContext.Default.CellSnapshot)!);
            }

            _journal.ForEach(Replay);
            foreach (var (host, gpus) in _hosts)
            {
                _cell.HostUp(host, gpus, lease: ++_lease);
            }

            _cell.LastEpoch.ShouldBe(last);
            Picture(_cell).ShouldBe(before);
        }

        private void Write<T>(T happened, JsonTypeInfo<T> type) =>
            _journal.Add(JsonSerializer.SerializeToUtf8Bytes(happened, type));

        private void Replay(byte[] stored)
        {
            using var json = JsonDocument.Parse(stored);
            if (json.RootElement.TryGetProperty("mode", out _) || json.RootElement.TryGetProperty("gpuIndex", out _))
            {
                _cell.Apply(json.Deserialize(SchedulerEventsJsonContext.Default.GpuModeSet)!);
            }
            else if (json.RootElement.TryGetProperty("slices", out _))
            {
                _cell.Apply(json.Deserialize(SchedulerEventsJsonContext.Default.SliceReserved)!);
            }
            else
            {
                var released = json.Deserialize(SchedulerEventsJsonContext.Default.SliceReleased)!;
                _cell.Release(released.Session, released.Epoch, out _).ShouldBeTrue();
            }
        }

        /// <summary>Every layout in full, for comparing.</summary>
        private static string Picture(CellState cell) => string.Join('\n', cell.Hosts.Values.SelectMany(gpus => gpus).Select(gpu =>
            $"{gpu.Host}/{gpu.Inventory.Index} {gpu.Inventory.Model} set {gpu.Setting} is {gpu.Mode} misfits {gpu.HasMisfits} "
            + $"{gpu.SliceCount} {gpu.MemoryFree} {gpu.ComputeFree} {gpu.Layout.Occupied:x} "
            + string.Join(", ", gpu.Layout.Slices.OrderBy(slice => slice.Number))));

        private void CheckAll()
        {
            foreach (var gpu in _cell.Hosts.Values.SelectMany(gpus => gpus))
            {
                var recorded = _cell.Reservations.Values.SelectMany(owned => owned.Slices)
                    .Where(slice => slice.Host == gpu.Host && slice.GpuIndex == gpu.Inventory.Index).ToArray();
                gpu.SliceCount.ShouldBe(recorded.Length);
                recorded.Select(slice => slice.Name).ShouldBeUnique();
                Check(gpu, gpu.Layout.Slices);
            }
        }

        private static void Check(GpuState gpu, IReadOnlyList<PlacedSlice> slices)
        {
            slices.Select(slice => slice.Mode).Distinct().Count().ShouldBeLessThanOrEqualTo(1);
            slices.Sum(slice => slice.MemoryBytes).ShouldBeLessThanOrEqualTo(gpu.Inventory.MemoryBytes);
            slices.Sum(slice => slice.ComputePercent).ShouldBeLessThanOrEqualTo(100);
            slices.Sum(slice => slice.ComputeUnits).ShouldBeLessThanOrEqualTo(gpu.Inventory.ComputeUnits);
            var occupied = new HashSet<int>();
            foreach (var slice in slices.Where(slice => slice.Mode is GpuMode.Mig or GpuMode.VgpuMixed))
            {
                slice.Profile!.Starts.ShouldContain(slice.Start);
                Enumerable.Range(slice.Start, slice.Profile.Size).ShouldAllBe(unit => occupied.Add(unit));
            }

            foreach (var like in slices.Where(slice => slice.Profile is not null).GroupBy(slice => slice.Profile!))
            {
                like.Count().ShouldBeLessThanOrEqualTo(like.Key.Max);
            }

            if (slices.Count > 0 && slices[0].Mode == GpuMode.Passthrough)
            {
                slices.Count.ShouldBe(1);
            }

            if (slices.Count > 0 && slices[0].Mode == GpuMode.Vgpu)
            {
                slices.Select(slice => slice.MemoryBytes).Distinct().Count().ShouldBe(1);
            }
        }
    }
}
