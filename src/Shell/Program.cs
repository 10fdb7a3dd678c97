using GpuActors.Shell;

return await ShellProgram.RunAsync(args, ShellEnvironment.OfProcess());
