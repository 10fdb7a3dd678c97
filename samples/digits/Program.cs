using System.Globalization;
using GpuActors.Samples.Digits;

// Writes the job's document to the standard output, to be submitted: digits [SEED [EPOCHS]]
if (args.Length > 2 || args.Any(argument => !uint.TryParse(argument, CultureInfo.InvariantCulture, out _)))
{
    Console.Error.WriteLine("Usage: digits [SEED [EPOCHS]]  (whole numbers; the document goes to the standard output)");
    return 2;
}

var job = new DigitsJob();
job = args.Length > 0 ? job with { Seed = uint.Parse(args[0], CultureInfo.InvariantCulture) } : job;
job = args.Length > 1 ? job with { Epochs = int.Parse(args[1], CultureInfo.InvariantCulture) } : job;
using var output = Console.OpenStandardOutput();
output.Write(job.Build(DigitsData.Load()).Check().GetDocumentOrThrow().ToJson(indented: true));
return 0;
