/* The codes of calls about memory that must fail, as the standard has them: PoCL 3.1 gives others. */
#include "common.h"

static unsigned char data[65536];
static int wrong;

static void expect(const char *what, cl_int wanted, cl_int code)
{
    if (code == wanted)
        return;
    printf("%s: %d, not %d\n", what, code, wanted);
    wrong = 1;
}

static void picture(const char *what, cl_int wanted, cl_mem_flags flags, cl_channel_order order, cl_channel_type type,
    cl_image_desc shape, void *host)
{
    cl_int code = 1;
    cl_image_format format = {order, type};
    cl_mem made = clCreateImage(context, flags, &format, &shape, host, &code);
    expect(what, wanted, code);
    if (made)
        clReleaseMemObject(made);
}

static void pictures(void)
{
    const cl_image_desc shape = {.image_type = CL_MEM_OBJECT_IMAGE2D, .image_width = 16, .image_height = 16};
    cl_image_desc other = shape;
    picture("unknown format", CL_INVALID_IMAGE_FORMAT_DESCRIPTOR, 0, 5, 6, shape, NULL);
    picture("impossible format", CL_INVALID_IMAGE_FORMAT_DESCRIPTOR, 0, CL_RGB, CL_FLOAT, shape, NULL);
    picture("unsupported format", CL_IMAGE_FORMAT_NOT_SUPPORTED, 0, CL_RGB, CL_UNORM_SHORT_565, shape, NULL);
    other.image_row_pitch = 64;
    picture("pitch without pixels", CL_INVALID_IMAGE_DESCRIPTOR, 0, CL_RGBA, CL_UNORM_INT8, other, NULL);
    other.image_row_pitch = 60;
    picture("small pitch", CL_INVALID_IMAGE_DESCRIPTOR, CL_MEM_COPY_HOST_PTR, CL_RGBA, CL_UNORM_INT8, other, data);
    other = shape;
    other.image_width = 1 << 20;
    picture("too wide", CL_INVALID_IMAGE_SIZE, 0, CL_RGBA, CL_UNORM_INT8, other, NULL);
    other = shape;
    other.image_type = 7;
    picture("unknown kind", CL_INVALID_IMAGE_DESCRIPTOR, 0, CL_RGBA, CL_UNORM_INT8, other, NULL);
    other = shape;
    other.num_mip_levels = 2;
    picture("mip levels", CL_INVALID_IMAGE_DESCRIPTOR, 0, CL_RGBA, CL_UNORM_INT8, other, NULL);
    other = shape;
    other.image_width = 0;
    picture("no width", CL_INVALID_IMAGE_SIZE, 0, CL_RGBA, CL_UNORM_INT8, other, NULL);
    cl_int code = 1;
    cl_image_format format = {CL_RGBA, CL_UNORM_INT8};
    clCreateImage2D(context, 0, &format, 0, 10, 0, NULL, &code);
    expect("older call, no width", CL_INVALID_IMAGE_SIZE, code);
}

static void uses(void)
{
    cl_int code;
    cl_image_format format = {CL_RGBA, CL_UNORM_INT8};
    cl_image_desc shape = {.image_type = CL_MEM_OBJECT_IMAGE2D, .image_width = 16, .image_height = 16};
    size_t zero[3] = {0, 0, 0}, flat[3] = {16, 16, 1}, none[3] = {0, 1, 1}, value;
    cl_mem buffer = clCreateBuffer(context, 0, sizeof data, NULL, &code);
    must("clCreateBuffer", code);
    cl_mem image = clCreateImage(context, 0, &format, &shape, NULL, &code);
    must("clCreateImage", code);
    expect("read of an image", CL_INVALID_MEM_OBJECT, clEnqueueReadBuffer(queue, image, CL_TRUE, 0, 10, data, 0, NULL, NULL));
    clEnqueueMapBuffer(queue, buffer, CL_TRUE, 64, 0, 10, 0, NULL, NULL, &code);
    expect("map with unknown flag", CL_INVALID_VALUE, code);
    clEnqueueMapBuffer(queue, buffer, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE_INVALIDATE_REGION, 0, 10, 0, NULL, NULL, &code);
    expect("map for reading and not", CL_INVALID_VALUE, code);
    expect("image region of nothing", CL_INVALID_VALUE,
        clEnqueueReadImage(queue, image, CL_TRUE, zero, none, 0, 0, data, 0, NULL, NULL));
    expect("image, small pitch", CL_INVALID_VALUE,
        clEnqueueReadImage(queue, image, CL_TRUE, zero, flat, 10, 0, data, 0, NULL, NULL));
    expect("image info of a buffer", CL_INVALID_MEM_OBJECT,
        clGetImageInfo(buffer, CL_IMAGE_WIDTH, sizeof value, &value, NULL));
    clReleaseMemObject(image);
    expect("info of what was released", CL_INVALID_MEM_OBJECT,
        clGetMemObjectInfo(image, CL_MEM_SIZE, sizeof value, &value, NULL));
    clReleaseMemObject(buffer);
    cl_mem_properties list[] = {5, 6, 0};
    clCreateBufferWithProperties(context, list, 0, 100, NULL, &code);
    expect("buffer with unknown property", CL_INVALID_PROPERTY, code);
    clCreateSampler(context, CL_TRUE, 1, CL_FILTER_LINEAR, &code);
    expect("addressing mode", CL_INVALID_VALUE, code);
    clCreateSampler(context, CL_TRUE, CL_ADDRESS_CLAMP, 1, &code);
    expect("filter mode", CL_INVALID_VALUE, code);
    cl_pipe_properties pipe = 0;
    clCreatePipe(context, 0, 4, 4, &pipe, &code);
    expect("pipe", CL_INVALID_OPERATION, code);
    printf("shared virtual memory: %d\n", clSVMAlloc(context, CL_MEM_READ_WRITE, 64, 0) != NULL);
    expect("shared virtual memory", CL_INVALID_OPERATION, clEnqueueSVMMap(queue, CL_TRUE, CL_MAP_READ, data, 64, 0, NULL, NULL));
}

/* More than there is: the calls must say so themselves, and what is released must be there again. */
static void memory(void)
{
    cl_ulong all, largest;
    cl_int code = CL_SUCCESS;
    cl_mem taken[4096];
    int count = 0;
    must("memory", clGetDeviceInfo(device, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof all, &all, NULL));
    must("largest", clGetDeviceInfo(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof largest, &largest, NULL));
    clCreateBuffer(context, 0, largest + 1, NULL, &code);
    expect("beyond the largest", CL_INVALID_BUFFER_SIZE, code);
    size_t bytes = (size_t)(all / 8 < largest ? all / 8 : largest);
    for (int round = 0; round < 3; round++)
    {
        for (count = 0; count < 4096; count++)
        {
            taken[count] = clCreateBuffer(context, 0, bytes, NULL, &code);
            if (code != CL_SUCCESS)
                break;
        }
        expect("beyond all memory", CL_MEM_OBJECT_ALLOCATION_FAILURE, code);
        printf("buffers of an eighth: %d\n", count);
        while (count > 0)
            clReleaseMemObject(taken[--count]);
    }
    must("finish", clFinish(queue));
}

int main(void)
{
    open_device(0);
    pictures();
    uses();
    memory();
    close_device();
    puts(wrong ? "wrong" : "done");
    return wrong;
}
