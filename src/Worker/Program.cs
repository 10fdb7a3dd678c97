using GpuActors.Worker.Executors.Engine;

switch (args.FirstOrDefault())
{
    case "executor":
        return ExecutorProcess.Run(args.AsSpan(1));
    default:
        return 0;
}
