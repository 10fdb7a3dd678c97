/* What calls must return, as the standard and its conformance suite have it: PoCL 3.1 gives other codes for some. */
#include "common.h"
#include <pthread.h>

static int wrong;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t rung = PTHREAD_COND_INITIALIZER;
static char failure[256];

static void expect(const char *what, cl_int wanted, cl_int code)
{
    if (code == wanted)
        return;
    printf("%s: %d, not %d\n", what, code, wanted);
    wrong = 1;
}

static cl_kernel kernel_of(const char *source, const char *name)
{
    cl_int code;
    cl_program program = clCreateProgramWithSource(context, 1, &source, NULL, &code);
    must("clCreateProgramWithSource", code);
    must("clBuildProgram", clBuildProgram(program, 0, NULL, "-DX=1", NULL, NULL));
    cl_kernel kernel = clCreateKernel(program, name, &code);
    must("clCreateKernel", code);
    clReleaseProgram(program);
    return kernel;
}

static void contexts(void)
{
    cl_int code = 1;
    cl_context_properties sync[] = {CL_CONTEXT_INTEROP_USER_SYNC, -1, 0};
    clCreateContext(sync, 1, &device, NULL, NULL, &code);
    expect("context, value of a property", CL_INVALID_PROPERTY, code);
    cl_context_properties twice[] = {CL_CONTEXT_INTEROP_USER_SYNC, 0, CL_CONTEXT_INTEROP_USER_SYNC, 0, 0};
    clCreateContext(twice, 1, &device, NULL, NULL, &code);
    expect("context, property twice", CL_INVALID_PROPERTY, code);
    cl_context_properties unknown[] = {12345, 0, 0};
    clCreateContext(unknown, 1, &device, NULL, NULL, &code);
    expect("context, unknown property", CL_INVALID_PROPERTY, code);
    clCreateContext(NULL, 1, &device, NULL, &code, &code);
    expect("context, data without function", CL_INVALID_VALUE, code);
    clCreateContextFromType(NULL, 0, NULL, NULL, &code);
    expect("context of no type", CL_INVALID_DEVICE_TYPE, code);
    expect("no destructor", CL_INVALID_VALUE, clSetContextDestructorCallback(context, NULL, NULL));
}

static void devices(void)
{
    cl_uint units = 0, most = 0;
    cl_device_id made[64];
    must("units", clGetDeviceInfo(device, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units, NULL));
    must("parts", clGetDeviceInfo(device, CL_DEVICE_PARTITION_MAX_SUB_DEVICES, sizeof most, &most, NULL));
    cl_device_partition_property equally[] = {CL_DEVICE_PARTITION_EQUALLY, units + 1, 0};
    expect("parts larger than the device", CL_INVALID_DEVICE_PARTITION_COUNT,
        clCreateSubDevices(device, equally, 64, made, NULL));
    equally[1] = 1;
    expect("parts without room", CL_INVALID_VALUE, clCreateSubDevices(device, equally, 0, made, NULL));
    cl_device_partition_property counts[] = {CL_DEVICE_PARTITION_BY_COUNTS, most + 1, 0, 0};
    expect("parts beyond the device", CL_INVALID_DEVICE_PARTITION_COUNT,
        clCreateSubDevices(device, counts, 64, made, NULL));
    counts[1] = -1;
    expect("parts of less than nothing", CL_INVALID_DEVICE_PARTITION_COUNT,
        clCreateSubDevices(device, counts, 64, made, NULL));
    cl_device_partition_property unknown[] = {-1, 1, 0};
    expect("unknown parts", CL_INVALID_VALUE, clCreateSubDevices(device, unknown, 64, made, NULL));
    expect("no list", CL_INVALID_VALUE, clCreateSubDevices(device, NULL, 64, made, NULL));
    cl_device_partition_property domain[] = {
        CL_DEVICE_PARTITION_BY_AFFINITY_DOMAIN, CL_DEVICE_AFFINITY_DOMAIN_NEXT_PARTITIONABLE, 0};
    expect("parts by domain", CL_INVALID_VALUE, clCreateSubDevices(device, domain, 64, made, NULL));
    expect("both clocks", CL_INVALID_OPERATION, clGetDeviceAndHostTimer(device, NULL, NULL));
    expect("the host's clock", CL_INVALID_OPERATION, clGetHostTimer(device, NULL));
}

static void queues(void)
{
    cl_int code = 1;
    cl_queue_properties bad[] = {CL_QUEUE_PROPERTIES, 1 << 20, 0};
    clCreateCommandQueueWithProperties(context, device, bad, &code);
    expect("queue, unknown flag", CL_INVALID_VALUE, code);
    cl_queue_properties on_device[] = {
        CL_QUEUE_PROPERTIES, CL_QUEUE_ON_DEVICE | CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE, 0};
    clCreateCommandQueueWithProperties(context, device, on_device, &code);
    expect("queue on the device", CL_INVALID_QUEUE_PROPERTIES, code);
    expect("unknown property of a queue", CL_INVALID_VALUE, clSetCommandQueueProperty(queue, -1, CL_TRUE, NULL));
    expect("property of a queue", CL_INVALID_OPERATION,
        clSetCommandQueueProperty(queue, CL_QUEUE_PROFILING_ENABLE, CL_TRUE, NULL));
    expect("default queue", CL_INVALID_OPERATION, clSetDefaultDeviceCommandQueue(context, device, NULL));
    expect("default queue that is none", CL_INVALID_COMMAND_QUEUE,
        clSetDefaultDeviceCommandQueue(context, device, (cl_command_queue)context));
    cl_uint size;
    expect("size of a queue", CL_INVALID_COMMAND_QUEUE, clGetCommandQueueInfo(queue, CL_QUEUE_SIZE, sizeof size, &size, NULL));
}

static void arguments(void)
{
    cl_int code;
    cl_kernel kernel = kernel_of(
        "kernel void sample(sampler_t s, read_only image2d_t from, write_only image2d_t into, global int *out)"
        "{ write_imagef(into, (int2)(0, 0), read_imagef(from, s, (int2)(0, 0))); out[0] = 1; }", "sample");
    cl_image_format format = {CL_RGBA, CL_UNORM_INT8};
    cl_image_desc shape = {.image_type = CL_MEM_OBJECT_IMAGE2D, .image_width = 16, .image_height = 16};
    cl_mem read = clCreateImage(context, CL_MEM_READ_ONLY, &format, &shape, NULL, &code);
    must("clCreateImage", code);
    cl_mem written = clCreateImage(context, CL_MEM_WRITE_ONLY, &format, &shape, NULL, &code);
    must("clCreateImage", code);
    cl_mem buffer = clCreateBuffer(context, 0, 4096, NULL, &code);
    must("clCreateBuffer", code);
    expect("no sampler", CL_INVALID_SAMPLER, clSetKernelArg(kernel, 0, sizeof(cl_sampler), NULL));
    expect("write-only image to read", CL_INVALID_ARG_VALUE, clSetKernelArg(kernel, 1, sizeof written, &written));
    expect("read-only image to write", CL_INVALID_ARG_VALUE, clSetKernelArg(kernel, 2, sizeof read, &read));
    expect("buffer for an image", CL_INVALID_ARG_VALUE, clSetKernelArg(kernel, 1, sizeof buffer, &buffer));
    expect("image for a buffer", CL_INVALID_ARG_VALUE, clSetKernelArg(kernel, 3, sizeof read, &read));
    expect("image to read", CL_SUCCESS, clSetKernelArg(kernel, 1, sizeof read, &read));
    expect("image to write", CL_SUCCESS, clSetKernelArg(kernel, 2, sizeof written, &written));
    expect("buffer", CL_SUCCESS, clSetKernelArg(kernel, 3, sizeof buffer, &buffer));
    cl_kernel_arg_access_qualifier access;
    expect("argument info that nobody asked for", CL_KERNEL_ARG_INFO_NOT_AVAILABLE,
        clGetKernelArgInfo(kernel, 1, CL_KERNEL_ARG_ACCESS_QUALIFIER, sizeof access, &access, NULL));
    shape.mem_object = buffer;
    clCreateImage(context, 0, &format, &shape, NULL, &code);
    cl_uint alignment = 0;
    must("alignment", clGetDeviceInfo(device, CL_DEVICE_IMAGE_PITCH_ALIGNMENT, sizeof alignment, &alignment, NULL));
    expect("2D image over a buffer", alignment ? CL_SUCCESS : CL_INVALID_OPERATION, code);
    clReleaseKernel(kernel);
    clReleaseMemObject(read);
    clReleaseMemObject(written);
    clReleaseMemObject(buffer);
}

static void launches(void)
{
    cl_int code, status = 1;
    cl_event event;
    size_t nothing = 0, four[3] = {4, 4, 4}, most = ~(size_t)0, required[3] = {2, 2, 1}, other[3] = {2, 1, 1};
    cl_kernel kernel = kernel_of("kernel __attribute__((reqd_work_group_size(2, 2, 1))) void nop(int n) {}", "nop");
    expect("arguments that are not set", CL_INVALID_KERNEL_ARGS,
        clEnqueueNDRangeKernel(queue, kernel, 3, NULL, four, required, 0, NULL, NULL));
    must("clSetKernelArg", clSetKernelArg(kernel, 0, sizeof code, &code));
    expect("four dimensions", CL_INVALID_WORK_DIMENSION,
        clEnqueueNDRangeKernel(queue, kernel, 4, NULL, four, NULL, 0, NULL, NULL));
    expect("another work group", CL_INVALID_WORK_GROUP_SIZE,
        clEnqueueNDRangeKernel(queue, kernel, 3, NULL, four, other, 0, NULL, NULL));
    expect("the work group", CL_SUCCESS, clEnqueueNDRangeKernel(queue, kernel, 3, NULL, four, required, 0, NULL, NULL));
    clReleaseKernel(kernel);
    kernel = kernel_of("kernel void nop(int n) {}", "nop");
    must("clSetKernelArg", clSetKernelArg(kernel, 0, sizeof code, &code));
    expect("offset beyond all numbers", CL_INVALID_GLOBAL_OFFSET,
        clEnqueueNDRangeKernel(queue, kernel, 1, &most, four, NULL, 0, NULL, NULL));
    cl_event first = clCreateUserEvent(context, &code);
    must("clCreateUserEvent", code);
    expect("no size", CL_SUCCESS, clEnqueueNDRangeKernel(queue, kernel, 1, NULL, NULL, NULL, 1, &first, &event));
    must("status", clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL));
    expect("state of what waits", CL_QUEUED, status);
    must("clSetUserEventStatus", clSetUserEventStatus(first, CL_COMPLETE));
    expect("size 0", CL_SUCCESS, clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &nothing, NULL, 1, &event, NULL));
    must("clFinish", clFinish(queue));
    must("status", clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL));
    expect("state of what is done", CL_COMPLETE, status);
    clReleaseEvent(event);
    clReleaseEvent(first);
    clReleaseKernel(kernel);
    kernel = kernel_of("kernel void sum(local int *l) { l[get_local_id(0)] = 1; }", "sum");
    must("clSetKernelArg", clSetKernelArg(kernel, 0, (size_t)1 << 40, NULL));
    expect("more local memory than there is", CL_OUT_OF_RESOURCES,
        clEnqueueNDRangeKernel(queue, kernel, 1, NULL, four, NULL, 0, NULL, NULL));
    clReleaseKernel(kernel);
}

static void CL_CALLBACK on_failure(const char *text, const void *info, size_t bytes, void *data)
{
    pthread_mutex_lock(&gate);
    strncpy(failure, text, sizeof failure - 1);
    pthread_cond_broadcast(&rung);
    pthread_mutex_unlock(&gate);
}

/* What a call could not say yet, the context's function is told. */
static void failures(void)
{
    const char *source = "kernel void nop(int n) {}";
    size_t bytes;
    cl_int code;
    cl_program program = clCreateProgramWithSource(context, 1, &source, NULL, &code);
    must("clCreateProgramWithSource", code);
    must("clBuildProgram", clBuildProgram(program, 0, NULL, NULL, NULL, NULL));
    must("size", clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof bytes, &bytes, NULL));
    unsigned char *binary = malloc(bytes);
    must("binary", clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof binary, &binary, NULL));
    binary[bytes - 1] ^= 1;
    cl_context watched = clCreateContext(NULL, 1, &device, on_failure, NULL, &code);
    must("watched context", code);
    cl_program damaged =
        clCreateProgramWithBinary(watched, 1, &device, &bytes, (const unsigned char **)&binary, NULL, &code);
    pthread_mutex_lock(&gate);
    while (code == CL_SUCCESS && failure[0] == 0)
        pthread_cond_wait(&rung, &gate);
    pthread_mutex_unlock(&gate);
    expect("binary named", 1, code != CL_SUCCESS || strstr(failure, "CL_INVALID_BINARY") != NULL);
    if (damaged)
        clReleaseProgram(damaged);
    clReleaseProgram(program);
    clReleaseContext(watched);
    clFinish(queue); /* which says it, too */
    free(binary);
}

int main(void)
{
    open_device(0);
    contexts();
    devices();
    queues();
    arguments();
    launches();
    failures();
    close_device();
    puts(wrong ? "wrong" : "done");
    return wrong;
}
