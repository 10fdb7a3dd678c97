using System.Globalization;
using GpuActors.Samples.Matmul;

// Writes the job's document to the standard output, to be submitted: matmul [SIZE [ROUNDS]]
if (args.Length > 2 || args.Any(argument => !int.TryParse(argument, CultureInfo.InvariantCulture, out _)))
{
    Console.Error.WriteLine("Usage: matmul [SIZE [ROUNDS]]  (whole numbers; the document goes to the standard output)");
    return 2;
}

var job = new MatmulJob();
job = args.Length > 0 ? job with { Size = int.Parse(args[0], CultureInfo.InvariantCulture) } : job;
job = args.Length > 1 ? job with { Rounds = int.Parse(args[1], CultureInfo.InvariantCulture) } : job;
using var output = Console.OpenStandardOutput();
output.Write(job.Build().Check().GetDocumentOrThrow().ToJson(indented: true));
return 0;
