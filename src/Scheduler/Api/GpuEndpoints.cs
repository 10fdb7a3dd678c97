using System.Globalization;
using System.Text.Json;
using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>One GPU: what is on it, what would fit, and the mode that an operator sets it to.</summary>
public sealed class GpuEndpoints(CellReader cells, GpuModels models)
{
    private const int MaxBodyBytes = 4 << 10;

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(ApiRoutes.Gpu, (Delegate)ShowAsync)
            .WithSummary("Tells of one GPU, with what it could be cut into.").Produces<GpuStatus>().ProducesProblem(404);
        routes.MapPut(ApiRoutes.GpuMode, (Delegate)SetModeAsync)
            .WithSummary("Sets the mode of an empty GPU, or lets the scheduler choose it (auto).")
            .Accepts<GpuModeSetting>("application/json").Produces<GpuStatus>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
    }

    private async Task<IResult> ShowAsync(HttpContext context, string host, string index)
    {
        var caller = Caller.Of(context);
        return Answer(await FindAsync(context, host, index), caller);
    }

    private async Task<IResult> SetModeAsync(HttpContext context, string host, string index)
    {
        var caller = Caller.Of(context).Require(TicketRole.Operator);
        var wanted = Parse(await BodyReader.ReadAsync(context, MaxBodyBytes));
        var device = await FindAsync(context, host, index);
        if (wanted != GpuModeSetting.Auto && !GpuModes.TryParse(wanted, out _))
        {
            throw NotAllowed(wanted, device);
        }

        GpuMode? mode = GpuModes.TryParse(wanted, out var named) ? named : null;
        var command = new SetGpuMode(host, device.Gpu.Index, mode, $"{caller.Tenant}/{caller.Subject}");
        var answer = await cells.SetModeAsync(command, context);
        return answer.Result switch
        {
            GpuModeResult.Set => Answer(answer.Device!, caller),
            GpuModeResult.NotEmpty => throw NotEmpty(answer.Device!),
            GpuModeResult.NotAllowed => throw NotAllowed(wanted, answer.Device!),
            _ => throw ApiProblemException.NotFound($"There is no GPU {host}/{index} any more."),
        };
    }

    private IResult Answer(DeviceUse device, Caller caller) => Results.Json(
        GpuDescriptions.Of(device, models, caller, withProfiles: true), ApiJsonContext.Default.GpuStatus);

    private async Task<DeviceUse> FindAsync(HttpContext context, string host, string index)
    {
        var inventory = await cells.InventoryAsync(context);
        var gpus = Array.FindAll(inventory.Devices, device => device.Host == host);
        if (gpus.Length == 0)
        {
            throw ApiProblemException.NotFound($"No host '{host}' has reported GPUs.");
        }

        return Array.Find(gpus, gpu => gpu.Gpu.Index.ToString(CultureInfo.InvariantCulture) == index)
            ?? throw ApiProblemException.NotFound(
                $"Host '{host}' has no GPU {index}; it has {string.Join(", ", gpus.Select(gpu => gpu.Gpu.Index))}.");
    }

    private static ApiProblemException NotEmpty(DeviceUse device)
    {
        var sessions = string.Join(", ", device.Slices.Select(slice => slice.Session).Distinct());
        return ApiProblemException.WrongState(
            $"GPU {device.Host}/{device.Gpu.Index} is not empty: {sessions} own slices of it. Its mode can change when they "
                + "have ended, or are cancelled.");
    }

    private ApiProblemException NotAllowed(string wanted, DeviceUse device)
    {
        var state = new GpuState(device.Host, device.Gpu, models);
        var allowed = string.Join(", ", state.AllowedModes.Select(GpuModes.NameOf).Append(GpuModeSetting.Auto));
        return ApiProblemException.NotPossible(
            $"GPU {device.Host}/{device.Gpu.Index} ({device.Gpu.Model}) can't be in mode '{wanted}'; its model and its "
                + $"worker's settings allow {allowed}.");
    }

    private static string Parse(byte[] body)
    {
        try
        {
            if (JsonSerializer.Deserialize(body, ApiJsonContext.Default.GpuModeSetting)?.Mode is { Length: > 0 } mode)
            {
                return mode;
            }
        }
        catch (JsonException)
        {
            // The same answer as to a body without a mode.
        }

        var modes = string.Join(", ", GpuModes.All);
        throw ApiProblemException.InvalidRequest(
            "/mode", $"the body must be an object such as {{\"mode\": \"mig\"}}, with one of {modes} or {GpuModeSetting.Auto}.");
    }
}
