using GpuActors.Shared.Jobs.Expressions;
using GpuActors.Shared.Jobs.Reading;

namespace GpuActors.Shared.Jobs.Planning;

/// <summary>Plans buffers and images and gives them their slots.</summary>
internal sealed class MemoryPlanner(JobPlan plan, NumberBinder numbers, ProblemList problems)
{
    /// <summary>Slots given so far.</summary>
    public int Slots { get; private set; }

    public PlannedMemory Plan(string name, JobMemory memory, JsonPointer place, ExpressionScope scope)
    {
        var slot = Slots++;
        plan.UsesImages |= memory is JobImage;
        return memory is JobImage image
            ? new PlannedMemory(
                slot, name, place, image, null, Dimensions(image, place, scope), Input(image.From, place))
            : PlanBuffer(slot, name, (JobBuffer)memory, place, scope);
    }

    /// <summary>The number of the input that the field <c>from</c> or <c>input</c> names; null if none.</summary>
    public int? FindInput(string? name, JsonPointer place)
    {
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        var index = Array.FindIndex(plan.Inputs, input => input.Key == name);
        if (index >= 0)
        {
            return index;
        }

        problems.Meaning(place, $"there is no input '{name}'; {KnownNames.In(plan.Inputs.Select(i => i.Key))}");
        return null;
    }

    private PlannedMemory PlanBuffer(int slot, string name, JobBuffer buffer, JsonPointer place, ExpressionScope scope)
    {
        var from = Input(buffer.From, place);
        var size = numbers.Bytes(buffer.Size, place.Field("size"), scope, 1);
        if (size is null && from is null)
        {
            // The input that it should be made from does not exist, which has been reported.
            size = new PlannedNumber(null, place, 1, 1);
        }

        return new PlannedMemory(slot, name, place, buffer, size, [], from);
    }

    private int? Input(string? from, JsonPointer place) => FindInput(from, place.Field("from"));

    private PlannedNumber[] Dimensions(JobImage image, JsonPointer place, ExpressionScope scope)
    {
        if (image.Depth is not null && image.Height is null)
        {
            problems.Meaning(place.Field("depth"), "an image with a depth needs a height too");
        }

        return
        [
            numbers.Number(image.Width, place.Field("width"), scope, 1, JobLimits.ImageSize),
            .. Dimension(image.Height, place.Field("height"), scope),
            .. Dimension(image.Depth, place.Field("depth"), scope),
        ];
    }

    private IEnumerable<PlannedNumber> Dimension(Expression? size, JsonPointer place, ExpressionScope scope) =>
        size is null ? [] : [numbers.Number(size, place, scope, 1, JobLimits.ImageSize)];
}
