using System.CommandLine;
using GpuActors.Client;
using GpuActors.Shared.Api;
using GpuActors.Shared.Diagnosis;
using GpuActors.Shell.Doctor;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm doctor</c>: looks at this machine and at its way to the GPUs, and says what to do.</summary>
internal static class DoctorCommands
{
    public static void AddTo(CommandTree tree)
    {
        var worker = new Option<bool>("--worker")
        {
            Description = "Check this machine as the host of a worker, by the worker's program.",
        };
        var config = new Option<string?>("--config")
        {
            Description = "With --worker: the worker's configuration. Default: the worker's defaults.", HelpName = "FILE",
        };
        var measure = new Option<bool>("--measure")
        {
            Description = "Also measure round trips and transfers over a small session on each worker; each takes a slice for some seconds.",
        };
        var ask = new Option<bool>(OpenClLoader.AskOption) { Hidden = true };
        tree.Add(
            tree.Root,
            "doctor",
            "Check this machine, and its way to the GPUs, and say what to do.",
            call =>
            {
                var parsed = call.Parsed;
                if (parsed.GetValue(ask))
                {
                    return Task.FromResult(OpenClLoader.Ask(call.Environment.Out));
                }

                if (parsed.GetValue(config) is not null && !parsed.GetValue(worker))
                {
                    throw new UsageException("--config is for --worker: the shell itself has no configuration.");
                }

                return parsed.GetValue(worker)
                    ? CheckWorkerAsync(call, parsed.GetValue(config))
                    : CheckClientAsync(call, parsed.GetValue(measure));
            },
            worker,
            config,
            measure,
            ask);
    }

    private static async Task<int> CheckWorkerAsync(CommandCall call, string? config)
    {
        var list = new CheckList(call);
        list.Progress("looking at devices, starting an executor on each");
        await WorkerProgram.CheckAsync(call, config, list.Add);
        return list.Finish();
    }

    private static async Task<int> CheckClientAsync(CommandCall call, bool measure)
    {
        var list = new CheckList(call);
        var cancellationToken = call.CancellationToken;
        list.Progress("asking the OpenCL loader");
        list.Add(await new OpenClChecks(call.Environment).RunAsync(cancellationToken));
        list.Add(new KernelSettings("/").OfClient());
        try
        {
            var options = call.ClientOptions();
            list.Progress($"asking {string.Join(", ", options.Servers)}");
            var answers = await new SchedulerChecks(call.Environment.Time).RunAsync(options, cancellationToken);
            list.Add(answers);
            if (answers.Any(check => check is { Name: SchedulerChecks.Name, Outcome: CheckOutcome.Ok }))
            {
                await CheckWorkersAsync(call, list, measure);
            }
            else
            {
                list.Add(HostCheck.Skipped("workers", "Only a scheduler that answers knows them."));
            }
        }
        catch (UsageException e)
        {
            list.Add(HostCheck.Failure(
                SchedulerChecks.Name, e.Message, "the cluster's address, and a ticket",
                "Set GPUACTORS_SERVER and GPUACTORS_TICKET, or write .gpuactors/connection.json."));
        }

        return list.Finish();
    }

    private static async Task CheckWorkersAsync(CommandCall call, CheckList list, bool measure)
    {
        var time = call.Environment.Time;
        var reached = new List<HostStatus>();
        try
        {
            list.Add(await new GatewayChecks(time).RunAsync(call.Client, list.Progress, reached, call.CancellationToken));
        }
        catch (GpuActorsException e)
        {
            list.Add(HostCheck.Failure("workers", e.Message, null, "Ask again; pbm host list says the same."));
        }

        foreach (var host in measure ? reached : [])
        {
            list.Progress($"measuring {host.Name}");
            list.Add(await new LinkMeasurement(call.Client, time).RunAsync(host, call.CancellationToken));
        }
    }
}
