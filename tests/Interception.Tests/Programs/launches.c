/* Programs, kernels, queues and events: builds of all kinds, arguments, launches, user events, callbacks, profiling. */
#include "common.h"
#include <stdatomic.h>
#include <unistd.h>

static const char *source =
    "typedef struct { int a; float b[5]; } pack;\n"
    "kernel void add(global int *out, int by, pack p, local int *scratch, ulong wide) {\n"
    "  int i = get_global_id(0); scratch[get_local_id(0)] = by; barrier(CLK_LOCAL_MEM_FENCE);\n"
    "  out[i] += scratch[get_local_id(0)] + p.a + (int)p.b[4] + (int)(wide >> 32); }\n"
    "kernel __attribute__((reqd_work_group_size(4, 1, 1))) void four(const global float *in, global float *out) {\n"
    "  out[get_global_id(0)] = in[get_global_id(0)] * 4; }\n"
    "kernel void say(int n) { if (get_global_id(0) == 0) printf(\"kernel says %d\\n\", n); }\n";

typedef struct { int a; float b[5]; } pack;
static atomic_int called;

static void CL_CALLBACK on_event(cl_event event, cl_int status, void *data)
{
    (void)event;
    (void)status; /* of a failed event PoCL 3.1 says that it is complete */
    atomic_fetch_add(&called, *(int *)data);
}

static void wait_for(int value)
{
    for (int i = 0; i < 3000 && atomic_load(&called) != value; i++)
        usleep(10000);
    printf("called %d\n", atomic_load(&called));
}

static void kernels(cl_program program)
{
    cl_int code;
    cl_uint number;
    char text[256];
    size_t size, local[3];
    cl_kernel both[8];
    must("clCreateKernelsInProgram", clCreateKernelsInProgram(program, 8, both, &number));
    printf("kernels %u\n", number);
    for (cl_uint i = 0; i < number; i++)
        clReleaseKernel(both[i]);
    cl_kernel four = clCreateKernel(program, "four", &code);
    must("clCreateKernel", code);
    clCreateKernel(program, "five", &code);
    code_of("no such kernel", code);
    must("info", clGetKernelInfo(four, CL_KERNEL_FUNCTION_NAME, sizeof text, text, &size));
    printf("%s %zu\n", text, size);
    must("info", clGetKernelArgInfo(four, 0, CL_KERNEL_ARG_TYPE_NAME, sizeof text, text, NULL));
    printf("%s\n", text);
    must("info", clGetKernelWorkGroupInfo(four, device, CL_KERNEL_COMPILE_WORK_GROUP_SIZE, sizeof local, local, NULL));
    printf("%zu %zu %zu\n", local[0], local[1], local[2]);
    size_t global = 8, wrong = 3, right = 4;
    code_of("arguments not set", clEnqueueNDRangeKernel(queue, four, 1, NULL, &global, &right, 0, NULL, NULL));
    cl_mem memory = clCreateBuffer(context, CL_MEM_READ_WRITE, 32, NULL, &code);
    clSetKernelArg(four, 0, sizeof memory, &memory);
    clSetKernelArg(four, 1, sizeof memory, &memory);
    code_of("no such argument", clSetKernelArg(four, 2, sizeof memory, &memory));
    code_of("size of an argument", clSetKernelArg(four, 0, 3, &memory));
    code_of("work group", clEnqueueNDRangeKernel(queue, four, 1, NULL, &global, &wrong, 0, NULL, NULL));
    code_of("dimensions", clEnqueueNDRangeKernel(queue, four, 4, NULL, &global, NULL, 0, NULL, NULL));
    code_of("launch", clEnqueueNDRangeKernel(queue, four, 1, NULL, &global, &right, 0, NULL, NULL));
    must("clFinish", clFinish(queue));
    clReleaseMemObject(memory);
    clReleaseKernel(four);
}

static void launches(cl_program program)
{
    cl_int code, zero = 0, by = 5, values[64];
    cl_ulong wide = 7ull << 32, start, end;
    pack p = {2, {0, 0, 0, 0, 9.5f}};
    size_t global = 64, local = 8;
    int one = 1, hundred = 100;
    cl_event gate, event[4];
    cl_mem memory = clCreateBuffer(context, CL_MEM_READ_WRITE, sizeof values, NULL, &code);
    must("fill", clEnqueueFillBuffer(queue, memory, &zero, 4, 0, sizeof values, 0, NULL, NULL));
    must("clFinish", clFinish(queue)); /* the queue may be without order */
    cl_kernel add = clCreateKernel(program, "add", &code);
    must("arg", clSetKernelArg(add, 0, sizeof memory, &memory));
    must("arg", clSetKernelArg(add, 1, sizeof by, &by));
    must("arg", clSetKernelArg(add, 2, sizeof p, &p));
    must("arg", clSetKernelArg(add, 3, local * sizeof(int), NULL));
    must("arg", clSetKernelArg(add, 4, sizeof wide, &wide));
    gate = clCreateUserEvent(context, &code);
    must("clCreateUserEvent", code);
    must("launch", clEnqueueNDRangeKernel(queue, add, 1, NULL, &global, &local, 1, &gate, &event[0]));
    by = 1000; /* the launch above has its own */
    must("arg", clSetKernelArg(add, 1, sizeof by, &by));
    must("launch", clEnqueueNDRangeKernel(queue, add, 1, NULL, &global, &local, 1, &event[0], &event[1]));
    must("marker", clEnqueueMarkerWithWaitList(queue, 0, NULL, &event[2]));
    must("callback", clSetEventCallback(event[1], CL_COMPLETE, on_event, &one));
    must("callback", clSetEventCallback(event[2], CL_COMPLETE, on_event, &hundred));
    clFlush(queue);
    must("info", clGetEventInfo(event[1], CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof code, &code, NULL));
    printf("held back %d, called %d\n", code > 0, atomic_load(&called));
    must("set", clSetUserEventStatus(gate, CL_COMPLETE));
    code_of("set twice", clSetUserEventStatus(gate, CL_COMPLETE));
    must("wait", clWaitForEvents(3, event));
    wait_for(101);
    must("times", clGetEventProfilingInfo(event[1], CL_PROFILING_COMMAND_START, sizeof start, &start, NULL));
    must("times", clGetEventProfilingInfo(event[1], CL_PROFILING_COMMAND_END, sizeof end, &end, NULL));
    printf("takes time %d\n", end >= start && start > 0);
    must("read", clEnqueueReadBuffer(queue, memory, CL_TRUE, 0, sizeof values, values, 0, NULL, NULL));
    printf("values %d %d\n", values[0], values[63]);
    for (int i = 0; i < 3; i++)
        clReleaseEvent(event[i]);
    clReleaseEvent(gate);
    gate = clCreateUserEvent(context, &code);
    must("marker", clEnqueueMarkerWithWaitList(queue, 1, &gate, &event[0]));
    must("set", clSetUserEventStatus(gate, -42));
    code_of("waited for a failed event", clWaitForEvents(1, event));
    must("info", clGetEventInfo(event[0], CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof code, &code, NULL));
    printf("failed %d\n", code < 0);
    must("callback", clSetEventCallback(event[0], CL_COMPLETE, on_event, &one));
    wait_for(102);
    clReleaseEvent(event[0]);
    clReleaseEvent(gate);
    cl_kernel copy = clCloneKernel(add, &code);
    code_of("clone", code);
    if (copy) {
        must("launch", clEnqueueNDRangeKernel(queue, copy, 1, NULL, &global, &local, 0, NULL, NULL));
        must("clFinish", clFinish(queue));
        must("read", clEnqueueReadBuffer(queue, memory, CL_TRUE, 0, sizeof values, values, 0, NULL, NULL));
        printf("values %d\n", values[7]);
        clReleaseKernel(copy);
    }
    clReleaseKernel(add);
    clReleaseMemObject(memory);
}

static void say(cl_program program, int number)
{
    cl_int code;
    size_t one = 1;
    cl_kernel kernel = clCreateKernel(program, "say", &code);
    must("arg", clSetKernelArg(kernel, 0, sizeof number, &number));
    fflush(stdout);
    must("launch", clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &one, NULL, 0, NULL, NULL));
    must("clFinish", clFinish(queue));
    printf("after the kernel\n");
    clReleaseKernel(kernel);
}

static void builds(cl_program program)
{
    cl_int code, status;
    size_t size;
    unsigned char *binary;
    const char *bad = "kernel void broken( {", *header = "#define SIX 6\n", *library = "int six(void); int six(void) { return 6; }",
               *user = "#include \"six.h\"\nint six(void);\nkernel void k(global int *o) { *o = SIX * six(); }";
    char log[4096] = "";
    cl_program broken = clCreateProgramWithSource(context, 1, &bad, NULL, &code);
    code_of("broken", clBuildProgram(broken, 1, &device, "", NULL, NULL));
    must("log", clGetProgramBuildInfo(broken, device, CL_PROGRAM_BUILD_LOG, sizeof log, log, NULL));
    must("status", clGetProgramBuildInfo(broken, device, CL_PROGRAM_BUILD_STATUS, sizeof status, &status, NULL));
    printf("log %d, status %d\n", strstr(log, "error") != NULL, status);
    clReleaseProgram(broken);
    must("size", clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, NULL));
    binary = malloc(size);
    must("binary", clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof binary, &binary, NULL));
    cl_program again = clCreateProgramWithBinary(context, 1, &device, &size, (const unsigned char **)&binary, &status, &code);
    code_of("from binary", code);
    must("build", clBuildProgram(again, 1, &device, "", NULL, NULL));
    say(again, 2);
    clReleaseProgram(again);
    memset(binary, 1, 16);
    clCreateProgramWithBinary(context, 1, &device, &size, (const unsigned char **)&binary, &status, &code);
    code_of("damaged", code);
    free(binary);
    cl_program parts[2] = {clCreateProgramWithSource(context, 1, &library, NULL, &code),
                           clCreateProgramWithSource(context, 1, &user, NULL, &code)};
    cl_program included = clCreateProgramWithSource(context, 1, &header, NULL, &code);
    const char *name = "six.h";
    must("compile", clCompileProgram(parts[0], 0, NULL, "", 0, NULL, NULL, NULL, NULL));
    must("compile", clCompileProgram(parts[1], 0, NULL, "", 1, &included, &name, NULL, NULL));
    cl_program linked = clLinkProgram(context, 0, NULL, "", 2, parts, NULL, NULL, &code);
    code_of("link", code);
    cl_kernel kernel = clCreateKernel(linked, "k", &code);
    cl_mem memory = clCreateBuffer(context, CL_MEM_READ_WRITE, 4, NULL, &code);
    clSetKernelArg(kernel, 0, sizeof memory, &memory);
    must("task", clEnqueueTask(queue, kernel, 0, NULL, NULL));
    must("clFinish", clFinish(queue));
    must("read", clEnqueueReadBuffer(queue, memory, CL_TRUE, 0, 4, &status, 0, NULL, NULL));
    printf("linked %d\n", status);
    clReleaseKernel(kernel);
    clReleaseMemObject(memory);
    clReleaseProgram(linked);
    clReleaseProgram(included);
    clReleaseProgram(parts[0]);
    clReleaseProgram(parts[1]);
}

int main(int count, char **arguments)
{
    cl_int code;
    open_device(CL_QUEUE_PROFILING_ENABLE | (count > 1 ? CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE : 0));
    cl_program program = clCreateProgramWithSource(context, 1, &source, NULL, &code);
    must("clBuildProgram", clBuildProgram(program, 0, NULL, "-cl-kernel-arg-info", NULL, NULL));
    kernels(program);
    launches(program);
    say(program, 1);
    builds(program);
    clReleaseProgram(program);
    close_device();
    return 0;
}
