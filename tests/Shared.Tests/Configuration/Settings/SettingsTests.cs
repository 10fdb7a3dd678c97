using System.Data.Common;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Settings;

namespace GpuActors.Shared.Tests.Configuration.Settings;

public sealed class SettingsTests : IDisposable
{
    private const string Secret = "gpuactors.security.cluster-secret = \"correct horse battery staple\"";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Config Load(params string[] overrides) =>
        ConfigurationFactory.Load([], [Secret, .. overrides], _ => null);

    [Fact]
    public void The_reference_alone_is_a_configuration_for_every_program()
    {
        var scheduler = SchedulerSettings.From(Load());
        var worker = WorkerSettings.From(Load());
        var client = ClientSettings.From(Load());

        scheduler.Remoting.Port.ShouldBe(4700);
        scheduler.Remoting.MaxFrameBytes.ShouldBe(4 << 20);
        scheduler.Remoting.HeartbeatInterval.ShouldBe(TimeSpan.FromSeconds(1));
        scheduler.Remoting.AcceptablePause.ShouldBe(TimeSpan.FromSeconds(5));
        scheduler.Remoting.Tls.ShouldBeNull();
        scheduler.Api.MaxBodyBytes.ShouldBe(64 << 20);
        scheduler.Api.MaxWait.ShouldBe(TimeSpan.FromSeconds(60));
        scheduler.Session.MaxHostLosses.ShouldBe(5);
        scheduler.Session.DefaultTimeLimit.ShouldBe(TimeSpan.FromMinutes(10));
        scheduler.Session.MaxTimeLimit.ShouldBe(TimeSpan.FromDays(7));
        scheduler.HostLease.ShouldBe(TimeSpan.FromSeconds(20));
        scheduler.Persistence.Sqlite.File.ShouldBe(Path.Combine("data/scheduler", "journal.db"));
        worker.Schedulers.ShouldBe(["127.0.0.1:4700"]);
        worker.Executors.Prestart.ShouldBe(2);
        worker.Slots.ShouldBe(64);
        worker.InlineLimitBytes.ShouldBe(64 << 10);
        worker.Name.ShouldNotBeEmpty();
        worker.Devices.Offers("anything").ShouldBeTrue();
        worker.Devices.ModelFor("anything").ShouldBeNull();
        client.Servers.ShouldBe([new Uri("http://127.0.0.1:4780")]);
    }

    [Fact]
    public void The_reference_says_what_each_setting_is_for()
    {
        string reference = File.ReadAllText(Path.Combine(RepositoryRoot(), "hocon", "reference.conf"));
        bool documented = false;
        foreach (string line in reference.Split('\n').Select(l => l.Trim()))
        {
            bool setting = line.Contains(" = ", StringComparison.Ordinal) && !line.StartsWith('#');
            (documented || !setting).ShouldBeTrue($"no comment above: {line}");
            documented = line.StartsWith('#') || (documented && (setting || line.EndsWith('{')));
        }
    }

    [Theory]
    [InlineData("scheduler.conf")]
    [InlineData("worker.conf")]
    [InlineData("demo.conf")]
    public void The_files_in_hocon_are_right(string name)
    {
        string secret = _folder.Write("secret", "correct horse battery staple");
        string file = Path.Combine(RepositoryRoot(), "hocon", name);
        var config = ConfigurationFactory.Load([file], [$"gpuactors.security.cluster-secret-file = \"{secret}\""], _ => null);

        SchedulerSettings.From(config);
        WorkerSettings.From(config);
    }

    [Theory]
    [InlineData("gpuactors.remoting.port = 70000", "gpuactors.remoting.port", "a number from 0 to 65535")]
    [InlineData("gpuactors.remoting.max-frame = 1KiB", "gpuactors.remoting.max-frame", "a size from 64KiB to 1GiB")]
    [InlineData("gpuactors.remoting.acceptable-pause = 1s", "gpuactors.remoting.acceptable-pause", "at least twice")]
    [InlineData("gpuactors.remoting.heartbeat-interval = -1s", "gpuactors.remoting.heartbeat-interval", "a time from 1ms to 1h")]
    [InlineData("gpuactors.remoting.send-queue.bytes = 1MiB", "gpuactors.remoting.send-queue.bytes", "at least max-frame, which is 4MiB")]
    [InlineData("gpuactors.remoting.tls.enabled = true", "gpuactors.remoting.tls.certificate", "not empty")]
    [InlineData("gpuactors.scheduler.placement.policy = tightest", "gpuactors.scheduler.placement.policy", "one of default, best-fit")]
    [InlineData("gpuactors.scheduler.placement.cells = 0", "gpuactors.scheduler.placement.cells", "a number from 1 to 64")]
    [InlineData("gpuactors.scheduler.placement.cells = 65", "gpuactors.scheduler.placement.cells", "a number from 1 to 64")]
    [InlineData("gpuactors.scheduler.pool = \"a b\"", "gpuactors.scheduler.pool", "a name of")]
    [InlineData("gpuactors.scheduler.session.default-time-limit = 8d", "gpuactors.scheduler.session.default-time-limit", "a time from 1ms to 7d")]
    [InlineData("gpuactors.scheduler.session { max-time-limit = 1m }", "gpuactors.scheduler.session.default-time-limit", "at most max-time-limit, which is 1m")]
    [InlineData("gpuactors.persistence.store = postgres", "gpuactors.persistence.store", "one of sqlite, postgresql")]
    [InlineData("gpuactors.api.rate-limit.burst = 0", "gpuactors.api.rate-limit.burst", "at least 1")]
    public void A_setting_out_of_range_is_refused_by_name(string text, string path, string wanted)
    {
        var error = Should.Throw<ConfigException>(() => SchedulerSettings.From(Load(text)));

        error.Message.ShouldStartWith(path + " is ");
        error.Message.ShouldContain(wanted);
        error.Origin.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("gpuactors.worker.name = \"a/b\"", "gpuactors.worker.name", "a name of")]
    [InlineData("gpuactors.worker.schedulers = []", "gpuactors.worker.schedulers", "\"gpu-head:4700\"")]
    [InlineData("gpuactors.worker.schedulers = [head]", "gpuactors.worker.schedulers", "\"gpu-head:4700\"")]
    [InlineData("gpuactors.worker.inline-limit = 2MiB", "gpuactors.worker.inline-limit", "0B to 256KiB")]
    [InlineData("gpuactors.worker.inline-limit = 100KiB, gpuactors.remoting.max-frame = 128KiB", "gpuactors.worker.inline-limit", "a quarter of remoting.max-frame")]
    [InlineData("gpuactors.worker.executors.prestart = 65", "gpuactors.worker.executors.prestart", "from 0 to 64")]
    [InlineData("gpuactors.worker.executors.overhead-memory = 1MiB", "gpuactors.worker.executors.overhead-memory", "at least 64MiB")]
    public void So_is_one_of_a_worker(string text, string path, string wanted)
    {
        var error = Should.Throw<ConfigException>(() => WorkerSettings.From(Load(text)));

        error.Message.ShouldStartWith(path + " is ");
        error.Message.ShouldContain(wanted);
    }

    [Fact]
    public void Gateways_that_want_certificates_are_encrypted_wherever_they_listen()
    {
        WorkerSettings.From(Load()).Sessions.Tls.ShouldBeFalse(); // on a loopback address
        WorkerSettings.From(Load("gpuactors.worker.sessions.client-ca = ca.pem")).Sessions.Tls.ShouldBeTrue();
        Should.Throw<ConfigException>(() => WorkerSettings.From(Load(
                "gpuactors.worker.sessions { client-ca = ca.pem, tls = off }")))
            .Message.ShouldContain("gpuactors.worker.sessions.tls");
    }

    [Fact]
    public void Devices_are_chosen_and_presented_by_patterns()
    {
        var devices = WorkerSettings.From(Load("""
            gpuactors.worker.devices {
              only = ["*NVIDIA*", "pthread*"], except = ["*MX?50*"]
              presents-as { "pthread-*" = "A30", "*" = "A100-SXM4-80GB" }
            }
            """)).Devices;

        devices.Offers("nvidia A100").ShouldBeTrue();
        devices.Offers("NVIDIA MX450").ShouldBeFalse();
        devices.Offers("Intel UHD").ShouldBeFalse();
        devices.ModelFor("pthread-skylake").ShouldBe("A30");
        devices.ModelFor("other").ShouldBe("A100-SXM4-80GB");
        WorkerSettings.From(Load("gpuactors.worker.devices.presents-as = A30")).Devices.ModelFor("x").ShouldBe("A30");
    }

    [Fact]
    public void A_worker_tells_of_its_host_what_the_settings_say()
    {
        var plain = WorkerSettings.From(Load("")).Host;
        (plain.CpuMilli, plain.MemoryBytes, plain.Rack, plain.Labels.Count).ShouldBe((null, null, "", 0));

        var host = WorkerSettings.From(Load("""
            gpuactors.worker.host { cpus = 7.5, memory = 200GiB, rack = r1, labels { disk = nvme, "site.room" = 12 } }
            """)).Host;

        (host.CpuMilli, host.MemoryBytes, host.Rack).ShouldBe((7500, 200L << 30, "r1"));
        host.Labels.ShouldBe(new Dictionary<string, string> { ["disk"] = "nvme", ["site.room"] = "12" }, ignoreOrder: true);
    }

    [Fact]
    public void NVLink_groups_are_lists_of_devices()
    {
        var devices = WorkerSettings.From(Load("gpuactors.worker.devices.nvlink-groups = [[0, 2], [3]]")).Devices;

        Enumerable.Range(0, 4).Select(devices.NvLinkGroupOf).ShouldBe([0, null, 0, 1]);
    }

    [Theory]
    [InlineData("host.cpus = 0", "from 0.001 to 1000000")]
    [InlineData("host.cpus = many", "a number")]
    [InlineData("host.memory = 5", "at least 1MiB")]
    [InlineData("host.cores = 5", "no setting")]
    [InlineData("host.labels.rack = r1", "another key")]
    [InlineData("host.labels.name = a", "worker.name")]
    [InlineData("host.labels { \"a b\" = x }", "A-Z a-z 0-9 . _ / -")]
    [InlineData("host.labels { a.b = x }", "in quotes")]
    [InlineData("devices.nvlink-groups = [[0, 1], [1, 2]]", "each index in one of them")]
    [InlineData("devices.nvlink-groups = [0, 1]", "such as [[0, 1], [2, 3]]")]
    public void What_is_wrong_about_a_host_is_refused_with_its_name(string setting, string message)
    {
        var error = Should.Throw<ConfigException>(() => WorkerSettings.From(Load($"gpuactors.worker.{setting}")));

        error.Message.ShouldContain("gpuactors.worker.");
        error.Message.ShouldContain(message);
    }

    [Fact]
    public void The_secret_comes_from_the_environment_or_a_file_and_is_never_shown()
    {
        const string secret = "correct horse battery staple";
        string? Environment(string name) => name == "GPUACTORS_CLUSTER_SECRET" ? secret : null;
        var fromEnvironment = SecuritySettings.From(ConfigurationFactory.Load([], null, Environment)).Secret;
        string file = _folder.Write("secret", secret);
        string option = $"gpuactors.security.cluster-secret-file = \"{file}\"";
        var fromFile = SecuritySettings.From(ConfigurationFactory.Load([], [option], _ => "another battery, another horse"));

        fromFile.Secret.DeriveKey("x").ShouldBe(fromEnvironment.DeriveKey("x"));
        fromFile.ToString().ShouldNotContain(secret);
        Should.Throw<ConfigException>(() => SecuritySettings.From(ConfigurationFactory.Load([], null, _ => null)))
            .Message.ShouldContain("GPUACTORS_CLUSTER_SECRET");
        var tooShort = Should.Throw<ConfigException>(() => SecuritySettings.From(ConfigurationFactory.Load(
            [], null, name => name == "GPUACTORS_CLUSTER_SECRET" ? "hunter2" : null)));
        tooShort.Message.ShouldContain("environment variable GPUACTORS_CLUSTER_SECRET");
        tooShort.ToString().ShouldNotContain("hunter2");
    }

    [Fact]
    public void A_database_is_logged_into_with_the_password_of_a_file_which_is_never_shown()
    {
        const string secret = "staple; 'horse\"";
        string file = _folder.Write("password", secret + "\n");
        string[] options =
        [
            Secret, "gpuactors.persistence.store = postgresql",
            "gpuactors.persistence.postgresql.connection-string = \"Host=db;Database=g;Username=u;Password=old\"",
        ];
        string? Environment(string name) => name == "GPUACTORS_POSTGRESQL_PASSWORD" ? "of the environment" : null;
        var fromEnvironment = Postgres(ConfigurationFactory.Load([], options, Environment));
        var fromFile = Postgres(ConfigurationFactory.Load(
            [], [.. options, $"gpuactors.persistence.postgresql.password-file = \"{file}\""], Environment));

        Password(fromEnvironment).ShouldBe("of the environment");
        Password(fromFile).ShouldBe(secret);
        Password(Postgres(Load(options))).ShouldBe("old");
        fromFile.ToString().ShouldContain("db");
        fromFile.ToString().ShouldNotContain("horse");
        fromFile.ConnectTimeout.ShouldBe(TimeSpan.FromSeconds(5));
        fromFile.StatementTimeout.ShouldBe(TimeSpan.FromSeconds(10));
        fromFile.IdleTransactionTimeout.ShouldBe(TimeSpan.FromSeconds(2));
        fromFile.ReadConnections.ShouldBe(8);
        fromFile.UseNotifications.ShouldBeTrue();
    }

    [Theory]
    [InlineData("", "is not set")]
    [InlineData("hunter2", "is not a list of NAME=VALUE")]
    [InlineData("Database=g;Password=hunter2", "names no Host")]
    [InlineData("Host=db;Password=hunter2", "names no Database")]
    public void A_connection_string_that_lacks_something_is_refused_without_showing_it(string text, string what)
    {
        string conf = _folder.Write(
            "db.conf", $"gpuactors.persistence {{ store = postgresql, postgresql.connection-string = \"{text}\" }}");
        var error = Should.Throw<ConfigException>(() => SchedulerSettings.From(
            ConfigurationFactory.Load([conf], [Secret], _ => null)));

        error.Message.ShouldStartWith("gpuactors.persistence.postgresql.connection-string ");
        error.Message.ShouldContain(what);
        error.Message.ShouldContain("Host=db;Database=gpuactors");
        error.ToString().ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("/nowhere/password")]
    [InlineData("/dev/null")]
    public void A_password_file_without_a_password_is_refused_by_name(string file)
    {
        var error = Should.Throw<ConfigException>(() => SchedulerSettings.From(Load(
            "gpuactors.persistence.store = postgresql",
            "gpuactors.persistence.postgresql.connection-string = \"Host=db;Database=g\"",
            $"gpuactors.persistence.postgresql.password-file = \"{file}\"")));

        error.Message.ShouldStartWith($"gpuactors.persistence.postgresql.password-file is the text \"{file}\"");
    }

    [Fact]
    public void Overrides_win_over_files_and_files_over_the_reference()
    {
        string one = _folder.Write("one.conf", "gpuactors.api.port = 1, gpuactors.worker.slots = 1");
        string two = _folder.Write("two.conf", "gpuactors.worker.slots = 2, vars.base = /srv\n" +
            "gpuactors.worker.data-dir = ${vars.base}/${gpuactors.scheduler.pool}");

        var config = ConfigurationFactory.Load([one, two], ["gpuactors.worker.slots = 3"], _ => null);

        config.GetInt("gpuactors.api.port").ShouldBe(1);
        config.GetInt("gpuactors.worker.slots").ShouldBe(3);
        config.GetString("gpuactors.worker.data-dir").ShouldBe("/srv/default");
    }

    [Fact]
    public void A_mistake_in_a_file_is_refused_with_its_place()
    {
        string file = _folder.Write("w.conf", "gpuactors {\n  worker.slotts = 5\n}");

        Should.Throw<ConfigException>(() => ConfigurationFactory.Load([file]))
            .Message.ShouldBe($"{file}:2:19: There is no setting gpuactors.worker.slotts. Did you mean gpuactors.worker.slots?");
        Should.Throw<ConfigException>(() => ConfigurationFactory.Load([file + "x"])).Message.ShouldContain("no such file");
        Should.Throw<ConfigException>(() => ConfigurationFactory.Load([], ["gpuactors.worker.slots = "]))
            .Message.ShouldStartWith("option gpuactors.worker.slots = :1:26: ");
    }

    private static PostgresSettings Postgres(Config config) =>
        SchedulerSettings.From(config).Persistence.Postgres.ShouldNotBeNull();

    private static string? Password(PostgresSettings settings) =>
        new DbConnectionStringBuilder { ConnectionString = settings.Login.ConnectionString }["Password"] as string;

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GpuActors.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder.ShouldNotBeNull();
    }
}
