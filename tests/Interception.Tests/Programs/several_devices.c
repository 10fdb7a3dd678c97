/* One context of two devices: what one of them writes the other sees, whatever way it takes there. Says the name of each
   part that is right; ends with 1 at the first that is not. */
#include "common.h"
#include <stdatomic.h>
#include <unistd.h>

#define N 4096

static const char *source =
    "kernel void increment(global int *v) { v[get_global_id(0)] += 1; }\n"
    "kernel void add(const global int *a, const global int *b, global int *out) {\n"
    "  int i = get_global_id(0); out[i] = a[i] + b[i]; }\n"
    "kernel void fill(global int *v, int by) { v[get_global_id(0)] = by; }\n"
    "kernel void slow(global int *v, int rounds) { int i = get_global_id(0); int x = v[i];\n"
    "  for (int r = 0; r < rounds; r++) x = x * 1664525 + 1013904223; v[i] = (x == 12345) ? 1 : 7; }\n"
    "kernel void picture(write_only image2d_t out) { int2 at = (int2)(get_global_id(0), get_global_id(1));\n"
    "  write_imageui(out, at, (uint4)(at.x, at.y, 3, 4)); }\n"
    "kernel void look(read_only image2d_t in, sampler_t how, global int *out) {\n"
    "  int2 at = (int2)(get_global_id(0), get_global_id(1)); uint4 p = read_imageui(in, how, at);\n"
    "  out[at.y * get_global_size(0) + at.x] = p.x * 1000 + p.y; }\n";

static cl_device_id both[2];
static cl_context shared;
static cl_command_queue queues[2];
static cl_program program;
static int values[N];

static void check(const char *what, int holds)
{
    if (!holds) {
        printf("%s: wrong\n", what);
        exit(1);
    }
}

static cl_kernel kernel_of(const char *name)
{
    cl_int code;
    cl_kernel kernel = clCreateKernel(program, name, &code);
    must("clCreateKernel", code);
    return kernel;
}

static cl_mem buffer_of(cl_mem_flags flags, size_t bytes, void *host)
{
    cl_int code;
    cl_mem memory = clCreateBuffer(shared, flags, bytes, host, &code);
    must("clCreateBuffer", code);
    return memory;
}

static void launch(int on, cl_kernel kernel, size_t items, cl_uint waits, const cl_event *list, cl_event *event)
{
    must("launch", clEnqueueNDRangeKernel(queues[on], kernel, 1, NULL, &items, NULL, waits, list, event));
}

static void read_all(int on, cl_mem memory)
{
    memset(values, 0xff, sizeof values);
    must("read", clEnqueueReadBuffer(queues[on], memory, CL_TRUE, 0, sizeof values, values, 0, NULL, NULL));
}

static int all_are(int value)
{
    for (int i = 0; i < N; i++)
        if (values[i] != value)
            return 0;
    return 1;
}

static void vectors(void)
{
    static int a[N], b[N];
    for (int i = 0; i < N; i++) {
        a[i] = i;
        b[i] = 2 * i;
    }
    cl_mem left = buffer_of(CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, sizeof a, a);
    cl_mem right = buffer_of(CL_MEM_READ_ONLY, sizeof b, NULL);
    cl_mem out = buffer_of(CL_MEM_WRITE_ONLY, sizeof a, NULL);
    must("write", clEnqueueWriteBuffer(queues[1], right, CL_FALSE, 0, sizeof b, b, 0, NULL, NULL));
    must("finish", clFinish(queues[1]));
    cl_kernel add = kernel_of("add");
    cl_event done[2];
    clSetKernelArg(add, 0, sizeof left, &left);
    clSetKernelArg(add, 1, sizeof right, &right);
    clSetKernelArg(add, 2, sizeof out, &out);
    size_t half = N / 2;
    for (int on = 0; on < 2; on++) {
        size_t first = on * half;
        must("launch", clEnqueueNDRangeKernel(
            queues[on], add, 1, &first, &half, NULL, on, on ? done : NULL, &done[on]));
    }
    must("wait", clWaitForEvents(2, done));
    read_all(0, out);
    for (int i = 0; i < N; i++)
        check("vectors", values[i] == 3 * i);
    clReleaseEvent(done[0]);
    clReleaseEvent(done[1]);
    clReleaseKernel(add);
    clReleaseMemObject(left);
    clReleaseMemObject(right);
    clReleaseMemObject(out);
    puts("vectors");
}

static void ping_pong(void)
{
    cl_mem ball = buffer_of(CL_MEM_READ_WRITE, sizeof values, NULL);
    cl_kernel increment = kernel_of("increment");
    cl_event before = NULL;
    clSetKernelArg(increment, 0, sizeof ball, &ball);
    for (int i = 0; i < 100; i++) {
        cl_event after;
        launch(i % 2, increment, N, before ? 1 : 0, before ? &before : NULL, &after);
        if (before)
            clReleaseEvent(before);
        before = after;
    }
    must("wait", clWaitForEvents(1, &before));
    read_all(0, ball);
    check("ping pong, read from the first", all_are(100));
    read_all(1, ball);
    check("ping pong, read from the second", all_are(100));
    for (int i = 0; i < 20; i++) {
        launch(i % 2, increment, N, 0, NULL, NULL);
        must("finish", clFinish(queues[i % 2]));
    }
    read_all(1, ball);
    check("ping pong with finish", all_are(120));
    clReleaseEvent(before);
    clReleaseKernel(increment);
    clReleaseMemObject(ball);
    puts("ping pong");
}

static void large(void)
{
    size_t bytes = (40 << 20) + 12345;
    char *sent = malloc(bytes), *got = malloc(bytes);
    for (size_t i = 0; i < bytes; i++)
        sent[i] = (char)(i * 7 + (i >> 13));
    cl_mem moved = buffer_of(CL_MEM_READ_WRITE, bytes, NULL);
    must("write", clEnqueueWriteBuffer(queues[0], moved, CL_TRUE, 0, bytes, sent, 0, NULL, NULL));
    must("read", clEnqueueReadBuffer(queues[1], moved, CL_TRUE, 0, bytes, got, 0, NULL, NULL));
    check("large", memcmp(sent, got, bytes) == 0);
    cl_mem used = buffer_of(CL_MEM_USE_HOST_PTR, bytes, sent);
    memset(got, 0, bytes);
    must("read", clEnqueueReadBuffer(queues[1], used, CL_TRUE, 0, bytes, got, 0, NULL, NULL));
    check("large, of the host", memcmp(sent, got, bytes) == 0);
    clReleaseMemObject(moved);
    clReleaseMemObject(used);
    free(sent);
    free(got);
    puts("large");
}

static void waits(void)
{
    cl_mem one = buffer_of(CL_MEM_READ_WRITE, sizeof values, NULL);
    cl_mem other = buffer_of(CL_MEM_READ_WRITE, sizeof values, NULL);
    cl_kernel slow = kernel_of("slow"), increment = kernel_of("increment");
    int rounds = 20000;
    for (int on = 0; on < 2; on++) {
        cl_event first, marker, second;
        cl_ulong ended, started;
        clSetKernelArg(slow, 0, sizeof one, &one);
        clSetKernelArg(slow, 1, sizeof rounds, &rounds);
        launch(on, slow, N, 0, NULL, &first);
        clSetKernelArg(increment, 0, sizeof other, &other);
        launch(1 - on, increment, N, 1, &first, &second);
        must("marker", clEnqueueMarkerWithWaitList(queues[1 - on], 1, &second, &marker));
        must("barrier", clEnqueueBarrierWithWaitList(queues[on], 1, &marker, NULL));
        must("finish", clFinish(queues[on]));
        cl_int status;
        must("info", clGetEventInfo(second, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL));
        check("what a barrier waited for has ended", status == CL_COMPLETE);
        must("info", clGetEventInfo(first, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL));
        check("what that waited for, too", status == CL_COMPLETE);
        must("profile", clGetEventProfilingInfo(first, CL_PROFILING_COMMAND_END, sizeof ended, &ended, NULL));
        must("profile", clGetEventProfilingInfo(second, CL_PROFILING_COMMAND_START, sizeof started, &started, NULL));
        check("times", ended > 0 && started > 0);
        /* The same event again, on both, now that it is known to have ended. */
        launch(on, increment, N, 1, &first, NULL);
        launch(1 - on, increment, N, 1, &first, NULL);
        must("finish", clFinish(queues[1 - on]));
        must("finish", clFinish(queues[on]));
        clReleaseEvent(first);
        clReleaseEvent(marker);
        clReleaseEvent(second);
    }
    read_all(1, one);
    check("waits", all_are(7));
    clReleaseKernel(slow);
    clReleaseKernel(increment);
    clReleaseMemObject(one);
    clReleaseMemObject(other);
    puts("waits");
}

static atomic_int called;

static void CL_CALLBACK on_event(cl_event event, cl_int status, void *data)
{
    (void)event;
    atomic_fetch_add(&called, status == CL_COMPLETE ? *(int *)data : 100);
}

static void user_events(void)
{
    cl_int code, status;
    cl_mem memory = buffer_of(CL_MEM_READ_WRITE, sizeof values, NULL);
    cl_kernel increment = kernel_of("increment");
    int one = 1, ten = 10;
    clSetKernelArg(increment, 0, sizeof memory, &memory);
    cl_event user = clCreateUserEvent(shared, &code);
    must("clCreateUserEvent", code);
    cl_event ends[2];
    launch(0, increment, N, 1, &user, &ends[0]);
    launch(1, increment, N, 2, (cl_event[]){ends[0], user}, &ends[1]);
    must("callback", clSetEventCallback(ends[0], CL_COMPLETE, on_event, &one));
    must("callback", clSetEventCallback(ends[1], CL_COMPLETE, on_event, &ten));
    clFlush(queues[0]);
    clFlush(queues[1]);
    must("info", clGetEventInfo(ends[1], CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL));
    check("it waits for the user event", status > CL_RUNNING);
    must("set", clSetUserEventStatus(user, CL_COMPLETE));
    must("wait", clWaitForEvents(2, ends));
    for (int i = 0; i < 3000 && atomic_load(&called) < 11; i++)
        usleep(10000);
    check("callbacks", atomic_load(&called) == 11);
    read_all(0, memory);
    check("after user event", all_are(2));
    clReleaseEvent(user);
    clReleaseEvent(ends[0]);
    clReleaseEvent(ends[1]);

    /* A failure goes to the other device, too. */
    user = clCreateUserEvent(shared, &code);
    launch(1, increment, N, 1, &user, &ends[0]);
    must("marker", clEnqueueMarkerWithWaitList(queues[0], 1, &ends[0], &ends[1]));
    must("set", clSetUserEventStatus(user, -7));
    code = clWaitForEvents(1, &ends[1]);
    check("a wait for what failed", code == CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
    must("info", clGetEventInfo(ends[1], CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL));
    check("its status", status < 0);
    launch(0, increment, N, 0, NULL, NULL);
    clFinish(queues[0]);
    clReleaseEvent(user);
    clReleaseEvent(ends[0]);
    clReleaseEvent(ends[1]);
    clReleaseKernel(increment);
    clReleaseMemObject(memory);
    puts("user events");
}

static void parts(void)
{
    cl_int code;
    cl_mem whole = buffer_of(CL_MEM_READ_WRITE, sizeof values, NULL), part[2];
    cl_kernel fill = kernel_of("fill"), increment = kernel_of("increment");
    for (int on = 0; on < 2; on++) {
        cl_buffer_region region = {on * sizeof values / 2, sizeof values / 2};
        part[on] = clCreateSubBuffer(whole, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
        must("clCreateSubBuffer", code);
    }
    for (int round = 0; round < 10; round++) {
        for (int on = 0; on < 2; on++) {
            int by = 5 + round;
            clSetKernelArg(fill, 0, sizeof part[on], &part[on]);
            clSetKernelArg(fill, 1, sizeof by, &by);
            launch(on, fill, N / 2, 0, NULL, NULL); /* without any order: they are different parts */
        }
        for (int on = 0; on < 2; on++) {
            clSetKernelArg(increment, 0, sizeof part[on], &part[on]);
            launch(on, increment, N / 2, 0, NULL, NULL);
        }
        must("finish", clFinish(queues[0]));
        must("finish", clFinish(queues[1]));
        read_all(round % 2, whole);
        check("parts", all_are(6 + round));
    }
    clReleaseMemObject(part[0]);
    clReleaseMemObject(part[1]);
    clReleaseMemObject(whole);
    clReleaseKernel(fill);
    clReleaseKernel(increment);
    puts("parts");
}

static void images(void)
{
    cl_int code;
    cl_image_format format = {CL_RGBA, CL_UNSIGNED_INT32};
    cl_image_desc description = {.image_type = CL_MEM_OBJECT_IMAGE2D, .image_width = 96, .image_height = 31};
    cl_mem image = clCreateImage(shared, CL_MEM_READ_WRITE, &format, &description, NULL, &code);
    must("clCreateImage", code);
    cl_mem copy = clCreateImage(shared, CL_MEM_READ_WRITE, &format, &description, NULL, &code);
    must("clCreateImage", code);
    cl_sampler sampler = clCreateSampler(shared, CL_FALSE, CL_ADDRESS_CLAMP_TO_EDGE, CL_FILTER_NEAREST, &code);
    must("clCreateSampler", code);
    cl_kernel picture = kernel_of("picture"), look = kernel_of("look");
    size_t range[2] = {96, 31}, zero[3] = {0}, region[3] = {96, 31, 1};
    cl_mem out = buffer_of(CL_MEM_WRITE_ONLY, sizeof values, NULL);
    clSetKernelArg(picture, 0, sizeof image, &image);
    must("launch", clEnqueueNDRangeKernel(queues[0], picture, 2, NULL, range, NULL, 0, NULL, NULL));
    must("finish", clFinish(queues[0]));
    must("copy", clEnqueueCopyImage(queues[1], image, copy, zero, zero, region, 0, NULL, NULL));
    must("finish", clFinish(queues[1]));
    clSetKernelArg(look, 0, sizeof copy, &copy);
    clSetKernelArg(look, 1, sizeof sampler, &sampler);
    clSetKernelArg(look, 2, sizeof out, &out);
    must("launch", clEnqueueNDRangeKernel(queues[0], look, 2, NULL, range, NULL, 0, NULL, NULL));
    must("finish", clFinish(queues[0]));
    read_all(1, out);
    for (int i = 0; i < 96 * 31; i++)
        check("images", values[i] == (i % 96) * 1000 + i / 96);
    size_t pitch, at[3] = {0, 30, 0}, row[3] = {96, 1, 1};
    cl_uint *pixels = clEnqueueMapImage(
        queues[1], image, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, at, row, &pitch, NULL, 0, NULL, NULL, &code);
    must("map", code);
    check("mapped pixels", pixels[4] == 1 && pixels[5] == 30);
    pixels[0] = 77;
    must("unmap", clEnqueueUnmapMemObject(queues[1], image, pixels, 0, NULL, NULL));
    must("finish", clFinish(queues[1]));
    cl_uint pixel[4];
    size_t one[3] = {1, 1, 1};
    must("read", clEnqueueReadImage(queues[0], image, CL_TRUE, at, one, 0, 0, pixel, 0, NULL, NULL));
    check("a pixel written by a map on the other", pixel[0] == 77 && pixel[1] == 30);
    clReleaseMemObject(image);
    clReleaseMemObject(copy);
    clReleaseMemObject(out);
    clReleaseSampler(sampler);
    clReleaseKernel(picture);
    clReleaseKernel(look);
    puts("images");
}

static void maps(void)
{
    cl_int code;
    static int host[N];
    for (int use = 0; use < 2; use++) {
        memset(host, 0, sizeof host);
        cl_mem memory = use ? buffer_of(CL_MEM_USE_HOST_PTR, sizeof host, host)
                            : buffer_of(CL_MEM_ALLOC_HOST_PTR, sizeof host, NULL);
        cl_kernel increment = kernel_of("increment");
        clSetKernelArg(increment, 0, sizeof memory, &memory);
        for (int i = 0; i < 6; i++) {
            int on = i % 2;
            launch(on, increment, N, 0, NULL, NULL);
            must("finish", clFinish(queues[on]));
            int *mapped = clEnqueueMapBuffer(
                queues[1 - on], memory, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0, sizeof host, 0, NULL, NULL, &code);
            must("map", code);
            check("where host memory is mapped", !use || mapped == host);
            check("what is mapped", mapped[0] == 2 * i + 1 && mapped[N - 1] == 2 * i + 1);
            for (int k = 0; k < N; k++)
                mapped[k]++;
            must("unmap", clEnqueueUnmapMemObject(queues[1 - on], memory, mapped, 0, NULL, NULL));
            must("finish", clFinish(queues[1 - on]));
        }
        int *mapped = clEnqueueMapBuffer(
            queues[0], memory, CL_TRUE, CL_MAP_WRITE_INVALIDATE_REGION, 0, sizeof host, 0, NULL, NULL, &code);
        must("map", code);
        for (int k = 0; k < N; k++)
            mapped[k] = 50;
        must("unmap", clEnqueueUnmapMemObject(queues[0], memory, mapped, 0, NULL, NULL));
        must("finish", clFinish(queues[0]));
        launch(1, increment, N, 0, NULL, NULL);
        must("finish", clFinish(queues[1]));
        read_all(0, memory);
        check("maps", all_are(51));
        clReleaseKernel(increment);
        clReleaseMemObject(memory);
    }
    puts("maps");
}

static void copies(void)
{
    cl_mem one = buffer_of(CL_MEM_READ_WRITE, sizeof values, NULL);
    cl_mem other = buffer_of(CL_MEM_READ_WRITE, sizeof values, NULL);
    int pattern = 9;
    must("fill", clEnqueueFillBuffer(queues[0], one, &pattern, sizeof pattern, 0, sizeof values, 0, NULL, NULL));
    must("finish", clFinish(queues[0]));
    pattern = 3;
    must("fill", clEnqueueFillBuffer(queues[1], one, &pattern, sizeof pattern, 0, sizeof values / 2, 0, NULL, NULL));
    must("copy", clEnqueueCopyBuffer(queues[1], one, other, 0, sizeof values / 2, sizeof values / 2, 0, NULL, NULL));
    must("copy", clEnqueueCopyBuffer(queues[1], one, other, 0, 0, sizeof values / 2, 0, NULL, NULL));
    must("finish", clFinish(queues[1]));
    cl_event moved;
    must("migrate", clEnqueueMigrateMemObjects(queues[0], 2, (cl_mem[]){one, other}, 0, 0, NULL, &moved));
    must("wait", clWaitForEvents(1, &moved));
    read_all(0, other);
    check("copies", all_are(3));
    read_all(0, one);
    check("the untouched half", values[0] == 3 && values[N / 2] == 9 && values[N - 1] == 9);
    must("migrate", clEnqueueMigrateMemObjects(
        queues[1], 1, &one, CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED, 0, NULL, NULL));
    must("migrate", clEnqueueMigrateMemObjects(queues[1], 1, &other, CL_MIGRATE_MEM_OBJECT_HOST, 0, NULL, NULL));
    must("finish", clFinish(queues[1]));
    clReleaseEvent(moved);
    clReleaseMemObject(one);
    clReleaseMemObject(other);
    puts("copies");
}

/* More writers without order than events are kept for. */
static void unordered(void)
{
    cl_int code;
    cl_queue_properties list[] = {CL_QUEUE_PROPERTIES, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE, 0};
    cl_command_queue loose = clCreateCommandQueueWithProperties(shared, both[0], list, &code);
    must("queue", code);
    cl_mem whole = buffer_of(CL_MEM_READ_WRITE, 256 * 256, NULL), part[256];
    for (int i = 0; i < 256; i++) {
        cl_buffer_region region = {i * 256, 256};
        unsigned char with = (unsigned char)i;
        part[i] = clCreateSubBuffer(whole, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
        must("clCreateSubBuffer", code);
        must("fill", clEnqueueFillBuffer(loose, part[i], &with, 1, 0, 256, 0, NULL, NULL));
    }
    static unsigned char got[256 * 256];
    must("read", clEnqueueReadBuffer(queues[1], whole, CL_TRUE, 0, sizeof got, got, 0, NULL, NULL));
    for (int i = 0; i < 256 * 256; i++)
        check("unordered", got[i] == i / 256);
    for (int i = 0; i < 256; i++)
        clReleaseMemObject(part[i]);
    clReleaseMemObject(whole);
    clReleaseCommandQueue(loose);
    puts("unordered");
}

static void builds(void)
{
    cl_int code;
    cl_build_status status;
    char log[4096];
    const char *text = "#ifdef BAD\n#error this is bad\n#endif\nkernel void only(global int *v) { *v = WHAT; }\n";
    cl_program made = clCreateProgramWithSource(shared, 1, &text, NULL, &code);
    must("program", code);
    must("build", clBuildProgram(made, 1, &both[1], "-DWHAT=5", NULL, NULL));
    must("info", clGetProgramBuildInfo(made, both[1], CL_PROGRAM_BUILD_STATUS, sizeof status, &status, NULL));
    check("built for the second", status == CL_BUILD_SUCCESS);
    must("info", clGetProgramBuildInfo(made, both[0], CL_PROGRAM_BUILD_STATUS, sizeof status, &status, NULL));
    check("not for the first", status == CL_BUILD_NONE);
    cl_kernel only = clCreateKernel(made, "only", &code);
    must("kernel", code);
    cl_mem out = buffer_of(CL_MEM_READ_WRITE, 4, NULL);
    clSetKernelArg(only, 0, sizeof out, &out);
    size_t one = 1;
    code = clEnqueueNDRangeKernel(queues[0], only, 1, NULL, &one, NULL, 0, NULL, NULL);
    check("a launch where it is not built", code == CL_INVALID_PROGRAM_EXECUTABLE);
    must("launch", clEnqueueNDRangeKernel(queues[1], only, 1, NULL, &one, NULL, 0, NULL, NULL));
    int got = 0;
    must("read", clEnqueueReadBuffer(queues[1], out, CL_TRUE, 0, 4, &got, 0, NULL, NULL));
    check("its result", got == 5);
    clReleaseKernel(only);
    code = clBuildProgram(made, 1, &both[0], "-DBAD", NULL, NULL);
    check("a failed build", code == CL_BUILD_PROGRAM_FAILURE);
    must("info", clGetProgramBuildInfo(made, both[0], CL_PROGRAM_BUILD_LOG, sizeof log, log, NULL));
    check("its log", strstr(log, "this is bad") != NULL);
    must("info", clGetProgramBuildInfo(made, both[1], CL_PROGRAM_BUILD_LOG, sizeof log, log, NULL));
    check("the log of the other", strstr(log, "this is bad") == NULL);
    must("build", clBuildProgram(made, 2, both, "-DWHAT=6", NULL, NULL));

    size_t sizes[2];
    must("info", clGetProgramInfo(made, CL_PROGRAM_BINARY_SIZES, sizeof sizes, sizes, NULL));
    check("sizes", sizes[0] > 0 && sizes[1] > 0);
    unsigned char *binaries[2] = {malloc(sizes[0]), malloc(sizes[1])};
    must("info", clGetProgramInfo(made, CL_PROGRAM_BINARIES, sizeof binaries, binaries, NULL));
    cl_int states[2];
    cl_program loaded = clCreateProgramWithBinary(
        shared, 2, both, sizes, (const unsigned char **)binaries, states, &code);
    must("binary", code);
    check("states", states[0] == CL_SUCCESS && states[1] == CL_SUCCESS);
    must("build", clBuildProgram(loaded, 0, NULL, "", NULL, NULL));
    only = clCreateKernel(loaded, "only", &code);
    must("kernel", code);
    clSetKernelArg(only, 0, sizeof out, &out);
    for (int on = 0; on < 2; on++) {
        must("launch", clEnqueueNDRangeKernel(queues[on], only, 1, NULL, &one, NULL, 0, NULL, NULL));
        must("read", clEnqueueReadBuffer(queues[on], out, CL_TRUE, 0, 4, &got, 0, NULL, NULL));
        check("from a binary", got == 6);
    }
    clReleaseKernel(only);
    clReleaseProgram(loaded);
    clReleaseProgram(made);
    free(binaries[0]);
    free(binaries[1]);

    const char *head = "int twice(int v) { return 2 * v; }\n";
    const char *body = "int twice(int v); kernel void only(global int *v) { *v = twice(21); }\n";
    cl_program pieces[2] = {
        clCreateProgramWithSource(shared, 1, &head, NULL, NULL), clCreateProgramWithSource(shared, 1, &body, NULL, NULL)};
    must("compile", clCompileProgram(pieces[0], 0, NULL, "", 0, NULL, NULL, NULL, NULL));
    must("compile", clCompileProgram(pieces[1], 2, both, "", 0, NULL, NULL, NULL, NULL));
    cl_program linked = clLinkProgram(shared, 0, NULL, "", 2, pieces, NULL, NULL, &code);
    must("link", code);
    only = clCreateKernel(linked, "only", &code);
    must("kernel", code);
    clSetKernelArg(only, 0, sizeof out, &out);
    for (int on = 0; on < 2; on++) {
        must("launch", clEnqueueNDRangeKernel(queues[on], only, 1, NULL, &one, NULL, 0, NULL, NULL));
        must("read", clEnqueueReadBuffer(queues[on], out, CL_TRUE, 0, 4, &got, 0, NULL, NULL));
        check("linked", got == 42);
    }
    clReleaseKernel(only);
    clReleaseProgram(linked);
    clReleaseProgram(pieces[0]);
    clReleaseProgram(pieces[1]);
    clReleaseMemObject(out);
    puts("builds");
}

/* More data behind a wait for the other device than an executor takes before it knows that the wait will end. */
static void held(void)
{
    size_t bytes = 160 << 20;
    cl_mem worked = buffer_of(CL_MEM_READ_WRITE, sizeof values, NULL);
    cl_mem parts[2] = {buffer_of(CL_MEM_READ_WRITE, bytes / 2, NULL), buffer_of(CL_MEM_READ_WRITE, bytes / 2, NULL)};
    cl_kernel slow = kernel_of("slow");
    cl_event end;
    int rounds = 100000000;
    char *data = malloc(bytes), *got = malloc(bytes);
    for (size_t i = 0; i < bytes; i++)
        data[i] = (char)(i >> 12);
    clSetKernelArg(slow, 0, sizeof worked, &worked);
    clSetKernelArg(slow, 1, sizeof rounds, &rounds);
    launch(0, slow, 8, 0, NULL, &end);
    clFlush(queues[0]);
    must("barrier", clEnqueueBarrierWithWaitList(queues[1], 1, &end, NULL));
    for (int i = 0; i < 2; i++)
        must("write", clEnqueueWriteBuffer(
            queues[1], parts[i], CL_FALSE, 0, bytes / 2, data + i * (bytes / 2), 0, NULL, NULL));
    must("finish", clFinish(queues[1]));
    for (int i = 0; i < 2; i++)
        must("read", clEnqueueReadBuffer(
            queues[1], parts[i], CL_TRUE, 0, bytes / 2, got + i * (bytes / 2), 0, NULL, NULL));
    check("held", memcmp(data, got, bytes) == 0);
    clReleaseEvent(end);
    clReleaseKernel(slow);
    clReleaseMemObject(worked);
    clReleaseMemObject(parts[0]);
    clReleaseMemObject(parts[1]);
    free(data);
    free(got);
    puts("held");
}

/* Each device has 256 MiB: objects count only where they are used, and there until they are gone. */
static void budget(void)
{
    cl_int code;
    int value = 1;
    size_t bytes = 80 << 20;
    cl_mem memory[6];
    for (int i = 0; i < 6; i++) {
        memory[i] = buffer_of(CL_MEM_READ_WRITE, bytes, NULL);
        must("fill", clEnqueueFillBuffer(queues[i % 2], memory[i], &value, sizeof value, 0, bytes, 0, NULL, NULL));
    }
    must("finish", clFinish(queues[0]));
    must("finish", clFinish(queues[1]));
    code = clEnqueueReadBuffer(queues[1], memory[0], CL_TRUE, 0, 4, &value, 0, NULL, NULL);
    check("no room on the second", code == CL_MEM_OBJECT_ALLOCATION_FAILURE);
    clReleaseMemObject(memory[1]);
    value = 0;
    must("read", clEnqueueReadBuffer(queues[1], memory[0], CL_TRUE, 0, 4, &value, 0, NULL, NULL));
    check("budget", value == 1);
    for (int i = 0; i < 6; i++)
        if (i != 1)
            clReleaseMemObject(memory[i]);
    puts("budget");
}

int main(void)
{
    cl_int code;
    cl_uint count;
    cl_platform_id platform;
    must("platform", clGetPlatformIDs(1, &platform, NULL));
    must("devices", clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 2, both, &count));
    check("two devices", count == 2);
    cl_context_properties list[] = {CL_CONTEXT_PLATFORM, (cl_context_properties)platform, 0};
    cl_context typed = clCreateContextFromType(list, CL_DEVICE_TYPE_ALL, NULL, NULL, &code);
    must("clCreateContextFromType", code);
    must("info", clGetContextInfo(typed, CL_CONTEXT_NUM_DEVICES, sizeof count, &count, NULL));
    check("devices of a context by type", count == 2);
    clReleaseContext(typed);
    shared = clCreateContext(list, 2, both, NULL, NULL, &code);
    must("clCreateContext", code);
    cl_queue_properties profiling[] = {CL_QUEUE_PROPERTIES, CL_QUEUE_PROFILING_ENABLE, 0};
    for (int on = 0; on < 2; on++) {
        queues[on] = clCreateCommandQueueWithProperties(shared, both[on], profiling, &code);
        must("queue", code);
    }
    program = clCreateProgramWithSource(shared, 1, &source, NULL, &code);
    must("program", code);
    must("build", clBuildProgram(program, 0, NULL, "", NULL, NULL));
    vectors();
    ping_pong();
    large();
    waits();
    user_events();
    parts();
    images();
    maps();
    copies();
    unordered();
    builds();
    held();
    budget();
    clReleaseProgram(program);
    clReleaseCommandQueue(queues[0]);
    clReleaseCommandQueue(queues[1]);
    must("release", clReleaseContext(shared));
    puts("done");
    return 0;
}
