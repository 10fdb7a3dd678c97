/* The codes of calls about memory that must fail, where PoCL 3.1 and the standard agree. */
#include "common.h"

static unsigned char data[65536];
static cl_mem buffer, image;

static void create(const char *what, cl_mem_flags flags, size_t size, void *host)
{
    cl_int code = 1;
    cl_mem made = clCreateBuffer(context, flags, size, host, &code);
    code_of(what, code);
    if (made)
        clReleaseMemObject(made);
}

static void part(const char *what, cl_mem of, cl_mem_flags flags, size_t offset, size_t size)
{
    cl_int code = 1;
    cl_buffer_region region = {offset, size};
    cl_mem made = clCreateSubBuffer(of, flags, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
    code_of(what, code);
    if (made)
        clReleaseMemObject(made);
}

static void picture(const char *what, cl_mem_flags flags, cl_channel_order order, cl_channel_type type,
    cl_image_desc shape, void *host)
{
    cl_int code = 1;
    cl_image_format format = {order, type};
    cl_mem made = clCreateImage(context, flags, &format, &shape, host, &code);
    code_of(what, code);
    if (made)
        clReleaseMemObject(made);
}

static void creations(void)
{
    cl_ulong largest;
    clGetDeviceInfo(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof largest, &largest, NULL);
    create("buffer", 0, 100, NULL);
    create("buffer of 0", 0, 0, NULL);
    create("buffer beyond largest", 0, largest + 1, NULL);
    create("two accesses", CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY, 100, NULL);
    create("unknown flag", (cl_mem_flags)1 << 40, 100, NULL);
    create("use and copy", CL_MEM_USE_HOST_PTR | CL_MEM_COPY_HOST_PTR, 100, data);
    create("two host accesses", CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS, 100, NULL);
    create("pointer without flag", 0, 100, data);
    create("flag without pointer", CL_MEM_COPY_HOST_PTR, 100, NULL);
    create("use without pointer", CL_MEM_USE_HOST_PTR, 100, NULL);
    cl_int code = 1;
    clCreateBuffer(NULL, 0, 100, NULL, &code);
    code_of("no context", code);

    part("part", buffer, 0, 0, 4096);
    part("part out of range", buffer, 0, 61440, 8192);
    part("empty part", buffer, 0, 0, 0);
    part("misaligned part", buffer, 0, 1, 100);
    part("part with host pointer flag", buffer, CL_MEM_ALLOC_HOST_PTR, 0, 4096);
    cl_mem read_only = clCreateBuffer(context, CL_MEM_READ_ONLY | CL_MEM_HOST_READ_ONLY, 4096, NULL, &code);
    part("wider access", read_only, CL_MEM_READ_WRITE, 0, 1024);
    part("wider host access", read_only, CL_MEM_HOST_WRITE_ONLY, 0, 1024);
    part("part of an image", image, 0, 0, 1024);
    cl_buffer_region region = {0, 1024};
    code = 1;
    clCreateSubBuffer(buffer, 0, 5, &region, &code);
    code_of("part of unknown kind", code);
    clCreateSubBuffer(buffer, 0, CL_BUFFER_CREATE_TYPE_REGION, NULL, &code);
    code_of("part without region", code);
    cl_mem sub = clCreateSubBuffer(buffer, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
    part("part of a part", sub, 0, 0, 128);
    clReleaseMemObject(sub);
    code_of("write read-only for host", clEnqueueWriteBuffer(queue, read_only, CL_TRUE, 0, 4, data, 0, NULL, NULL));
    clEnqueueMapBuffer(queue, read_only, CL_TRUE, CL_MAP_WRITE, 0, 4, 0, NULL, NULL, &code);
    code_of("map read-only for host", code);
    clReleaseMemObject(read_only);
    cl_mem hidden = clCreateBuffer(context, CL_MEM_HOST_NO_ACCESS, 4096, NULL, &code);
    code_of("read without host access", clEnqueueReadBuffer(queue, hidden, CL_TRUE, 0, 4, data, 0, NULL, NULL));
    clReleaseMemObject(hidden);
}

static void pictures(void)
{
    cl_image_desc shape = {.image_type = CL_MEM_OBJECT_IMAGE2D, .image_width = 16, .image_height = 16};
    picture("image", 0, CL_RGBA, CL_UNORM_INT8, shape, NULL);
    picture("pixels without flag", 0, CL_RGBA, CL_UNORM_INT8, shape, data);
    picture("flag without pixels", CL_MEM_USE_HOST_PTR, CL_RGBA, CL_UNORM_INT8, shape, NULL);
    cl_int code = 1;
    cl_image_format format = {CL_RGBA, CL_UNORM_INT8};
    clCreateImage(context, 0, NULL, &shape, NULL, &code);
    code_of("no format", code);
    clCreateImage(context, 0, &format, NULL, NULL, &code);
    code_of("no description", code);
    cl_mem made = clCreateImage2D(context, 0, &format, 10, 10, 0, NULL, &code);
    code_of("older call", code);
    clReleaseMemObject(made);
    made = clCreateImage3D(context, 0, &format, 10, 10, 5, 0, 0, NULL, &code);
    code_of("older call, 3D", code);
    clReleaseMemObject(made);
}

static void transfers(void)
{
    size_t zero[3] = {0, 0, 0}, one[3] = {1, 1, 1}, wide[3] = {17, 1, 1}, flat[3] = {16, 16, 1}, none[3] = {0, 1, 1};
    size_t rect[3] = {64, 4, 1}, shift[3] = {32, 1, 0}, far[3] = {0, 2000, 0};
    cl_int code = 1;
    cl_event bad = NULL;
    code_of("read out of range", clEnqueueReadBuffer(queue, buffer, CL_TRUE, 65530, 10, data, 0, NULL, NULL));
    code_of("read without pointer", clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, 10, NULL, 0, NULL, NULL));
    code_of("write out of range", clEnqueueWriteBuffer(queue, buffer, CL_TRUE, 70000, 1, data, 0, NULL, NULL));
    code_of("read of no buffer", clEnqueueReadBuffer(queue, NULL, CL_TRUE, 0, 10, data, 0, NULL, NULL));
    code_of("read on no queue", clEnqueueReadBuffer(NULL, buffer, CL_TRUE, 0, 10, data, 0, NULL, NULL));
    code_of("wait list without count", clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, 10, data, 0, &bad, NULL));
    code_of("count without wait list", clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, 10, data, 1, NULL, NULL));
    code_of("copy overlap", clEnqueueCopyBuffer(queue, buffer, buffer, 0, 50, 100, 0, NULL, NULL));
    code_of("copy beside", clEnqueueCopyBuffer(queue, buffer, buffer, 0, 100, 100, 0, NULL, NULL));
    code_of("copy out of range", clEnqueueCopyBuffer(queue, buffer, buffer, 0, 65500, 100, 0, NULL, NULL));
    code_of("fill with 3 bytes", clEnqueueFillBuffer(queue, buffer, "abc", 3, 0, 30, 0, NULL, NULL));
    code_of("fill with nothing", clEnqueueFillBuffer(queue, buffer, NULL, 4, 0, 32, 0, NULL, NULL));
    code_of("fill beside", clEnqueueFillBuffer(queue, buffer, "abcd", 4, 2, 32, 0, NULL, NULL));
    code_of("fill out of range", clEnqueueFillBuffer(queue, buffer, "abcd", 4, 65528, 32, 0, NULL, NULL));
    code_of("rect out of range",
        clEnqueueReadBufferRect(queue, buffer, CL_TRUE, far, zero, rect, 64, 0, 0, 0, data, 0, NULL, NULL));
    code_of("rect of nothing",
        clEnqueueReadBufferRect(queue, buffer, CL_TRUE, zero, zero, none, 0, 0, 0, 0, data, 0, NULL, NULL));
    code_of("rect, small pitch",
        clEnqueueReadBufferRect(queue, buffer, CL_TRUE, zero, zero, rect, 10, 0, 0, 0, data, 0, NULL, NULL));
    code_of("rect overlap", clEnqueueCopyBufferRect(queue, buffer, buffer, zero, shift, rect, 128, 0, 128, 0, 0, NULL, NULL));
    shift[0] = 64;
    shift[1] = 0;
    code_of("rect beside", clEnqueueCopyBufferRect(queue, buffer, buffer, zero, shift, rect, 128, 0, 128, 0, 0, NULL, NULL));
    clEnqueueMapBuffer(queue, buffer, CL_TRUE, CL_MAP_READ, 65530, 10, 0, NULL, NULL, &code);
    code_of("map out of range", code);
    code_of("image region out of range",
        clEnqueueReadImage(queue, image, CL_TRUE, zero, wide, 0, 0, data, 0, NULL, NULL));
    code_of("image, third origin", clEnqueueReadImage(queue, image, CL_TRUE, one, flat, 0, 0, data, 0, NULL, NULL));
    code_of("image overlap", clEnqueueCopyImage(queue, image, image, zero, zero, one, 0, NULL, NULL));
    code_of("image to buffer out of range",
        clEnqueueCopyImageToBuffer(queue, image, buffer, zero, flat, 65000, 0, NULL, NULL));
    code_of("migrate nothing", clEnqueueMigrateMemObjects(queue, 0, NULL, 0, 0, NULL, NULL));
    code_of("migrate, unknown flag", clEnqueueMigrateMemObjects(queue, 1, &buffer, 64, 0, NULL, NULL));
    code_of("migrate", clEnqueueMigrateMemObjects(queue, 1, &buffer, CL_MIGRATE_MEM_OBJECT_HOST, 0, NULL, NULL));
    code_of("destructor without function", clSetMemObjectDestructorCallback(buffer, NULL, NULL));
    size_t value;
    code_of("unknown info", clGetMemObjectInfo(buffer, 5, sizeof value, &value, NULL));
    code_of("small info", clGetMemObjectInfo(buffer, CL_MEM_SIZE, 1, &value, NULL));
    code_of("info of nothing", clGetMemObjectInfo(NULL, CL_MEM_SIZE, sizeof value, &value, NULL));
    code_of("release of nothing", clReleaseMemObject(NULL));
    cl_event user = clCreateUserEvent(context, &code);
    cl_event read;
    must("read", clEnqueueReadBuffer(queue, buffer, CL_FALSE, 0, 4, data, 1, &user, &read));
    must("set", clSetUserEventStatus(user, -5));
    code_of("wait for one that failed", clWaitForEvents(1, &read));
    clReleaseEvent(read);
    clReleaseEvent(user);
}

int main(void)
{
    cl_int code;
    cl_image_format format = {CL_RGBA, CL_UNORM_INT8};
    cl_image_desc shape = {.image_type = CL_MEM_OBJECT_IMAGE2D, .image_width = 16, .image_height = 16};
    open_device(0);
    buffer = clCreateBuffer(context, 0, sizeof data, NULL, &code);
    must("clCreateBuffer", code);
    image = clCreateImage(context, 0, &format, &shape, NULL, &code);
    must("clCreateImage", code);
    creations();
    pictures();
    transfers();
    clReleaseMemObject(image);
    clReleaseMemObject(buffer);
    close_device();
    puts("done");
    return 0;
}
