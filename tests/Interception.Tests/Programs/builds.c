/* Builds with a function to call, what is known of a program meanwhile and afterwards, and what a context is told. */
#include "common.h"
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t rung = PTHREAD_COND_INITIALIZER;
static int calls;
static cl_program told;
static char failure[256];

static void CL_CALLBACK on_built(cl_program program, void *data)
{
    pthread_mutex_lock(&gate);
    told = program;
    calls += *(int *)data;
    pthread_cond_broadcast(&rung);
    pthread_mutex_unlock(&gate);
}

static void CL_CALLBACK on_failure(const char *text, const void *info, size_t bytes, void *data)
{
    pthread_mutex_lock(&gate);
    strncpy(failure, text, sizeof failure - 1);
    calls += *(int *)data;
    pthread_cond_broadcast(&rung);
    pthread_mutex_unlock(&gate);
}

static void wait_for_calls(int wanted)
{
    pthread_mutex_lock(&gate);
    while (calls < wanted)
        pthread_cond_wait(&rung, &gate);
    calls = 0;
    pthread_mutex_unlock(&gate);
}

static cl_program program_of(const char *source)
{
    cl_int code;
    cl_program program = clCreateProgramWithSource(context, 1, &source, NULL, &code);
    must("clCreateProgramWithSource", code);
    return program;
}

static cl_int state_of(cl_program program)
{
    cl_build_status state = 1;
    must("state", clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_STATUS, sizeof state, &state, NULL));
    return state;
}

static void kind_of(const char *what, cl_program program)
{
    cl_program_binary_type type = 99;
    must("type", clGetProgramBuildInfo(program, device, CL_PROGRAM_BINARY_TYPE, sizeof type, &type, NULL));
    code_of(what, (cl_int)type);
}

static cl_program again(cl_program program)
{
    size_t bytes;
    cl_int code, status;
    must("size", clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof bytes, &bytes, NULL));
    unsigned char *binary = malloc(bytes);
    must("binary", clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof binary, &binary, NULL));
    cl_program made = clCreateProgramWithBinary(context, 1, &device, &bytes, (const unsigned char **)&binary, &status, &code);
    must("clCreateProgramWithBinary", code);
    free(binary);
    return made;
}

static void argument_info(const char *what, cl_program program)
{
    char name[64] = "";
    cl_int code;
    cl_kernel kernel = clCreateKernel(program, "k", &code);
    must("clCreateKernel", code);
    code = clGetKernelArgInfo(kernel, 0, CL_KERNEL_ARG_NAME, sizeof name, name, NULL);
    printf("%-40s %d '%s'\n", what, code, name);
    clReleaseKernel(kernel);
}

static cl_program program_built(const char *source)
{
    cl_program program = program_of(source);
    must("clBuildProgram", clBuildProgram(program, 0, NULL, NULL, NULL, NULL));
    return program;
}

int main(int argc, char **argv)
{
    int one = 1, ten = 10;
    cl_int code;
    open_device(0);

    cl_program good = program_of("kernel void k(global int *out) { out[0] = 7; }");
    code_of("before", state_of(good));
    code_of("build", clBuildProgram(good, 1, &device, "-cl-kernel-arg-info", on_built, &one));
    wait_for_calls(1);
    code_of("told of it", told == good);
    code_of("after", state_of(good));
    argument_info("argument info", good);

    cl_program used = program_of("kernel void k(global int *out) { out[0] = 6; }");
    code_of("build of what is used at once", clBuildProgram(used, 1, &device, NULL, on_built, &one));
    argument_info("used at once", used);
    wait_for_calls(1);

    cl_program bad = program_of("kernel void k(global int *out) { nonsense; }");
    code = clBuildProgram(bad, 1, &device, NULL, on_built, &one);
    code_of("bad build begins", code == CL_SUCCESS || code == CL_BUILD_PROGRAM_FAILURE);
    wait_for_calls(1);
    code_of("bad after", state_of(bad));
    char log[4096] = "";
    must("log", clGetProgramBuildInfo(bad, device, CL_PROGRAM_BUILD_LOG, sizeof log, log, NULL));
    code_of("log says why", strstr(log, "nonsense") != NULL);

    cl_program parts[2] = {
        program_of("int half_of(int n) { return n / 2; }"),
        program_of("int half_of(int n); kernel void k(global int *out) { out[0] = half_of(26); }")};
    code_of("compile 1", clCompileProgram(parts[0], 0, NULL, NULL, 0, NULL, NULL, on_built, &one));
    code_of("compile 2", clCompileProgram(parts[1], 0, NULL, NULL, 0, NULL, NULL, on_built, &one));
    cl_program linked = clLinkProgram(context, 0, NULL, NULL, 2, parts, on_built, &ten, &code);
    code_of("link", code);
    wait_for_calls(12);
    code_of("told of the linked one", told == linked);
    code_of("linked", state_of(linked));
    int value = 0;
    cl_mem buffer = clCreateBuffer(context, 0, sizeof value, NULL, &code);
    cl_kernel kernel = clCreateKernel(linked, "k", &code);
    must("clCreateKernel", code);
    must("clSetKernelArg", clSetKernelArg(kernel, 0, sizeof buffer, &buffer));
    size_t global = 1;
    must("launch", clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &global, NULL, 0, NULL, NULL));
    must("read", clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, sizeof value, &value, 0, NULL, NULL));
    code_of("half of 26", value);
    clReleaseKernel(kernel);
    argument_info("argument info of the linked one", linked);
    cl_program library = clLinkProgram(context, 0, NULL, "-create-library", 1, parts, NULL, NULL, &code);
    must("library", code);

    kind_of("compiled", parts[0]);
    kind_of("library", library);
    kind_of("executable", good);
    cl_program loaded[3] = {again(parts[0]), again(library), again(good)};
    kind_of("compiled, from its binary", loaded[0]);
    kind_of("library, from its binary", loaded[1]);
    kind_of("executable, from its binary", loaded[2]);
    must("build of a binary", clBuildProgram(loaded[2], 0, NULL, NULL, NULL, NULL));
    argument_info("argument info, from its binary", loaded[2]);

    FILE *header = fopen("answer.h", "w");
    fputs("#define ANSWER 42\n", header);
    fclose(header);
    cl_program including = program_of("#include \"answer.h\"\nkernel void k(global int *out) { out[0] = ANSWER; }");
    code_of("header of the working folder", clBuildProgram(including, 0, NULL, "-DX=1 -I .", NULL, NULL));
    cl_program beside = program_of("#include <answer.h>\nkernel void k(global int *out) { out[0] = -ANSWER; }");
    code_of("header, quoted folder", clBuildProgram(beside, 0, NULL, "-I\"./\" -DY", NULL, NULL));
    size_t length;
    must("options", clGetProgramBuildInfo(beside, device, CL_PROGRAM_BUILD_OPTIONS, sizeof log, log, &length));
    printf("options '%s' %zu\n", log, length);

    cl_program silent = program_of("kernel void k(global int *out) { out[0] = 8; }");
    must("build", clBuildProgram(silent, 0, NULL, "-DX=1", NULL, NULL));
    argument_info("argument info nobody asked for", silent);
    cl_program empty = program_of("kernel void k(global int *out) { out[0] = 9; }");
    must("build", clBuildProgram(empty, 0, NULL, "", NULL, NULL));
    argument_info("argument info, no options", empty);
    cl_device_id twice[2] = {device, device};
    size_t bytes[2] = {8, 8};
    const unsigned char *binaries[2] = {(unsigned char *)log, (unsigned char *)log};
    clCreateProgramWithBinary(context, 2, twice, bytes, binaries, NULL, &code);
    code_of("binary, device twice", code);
    kernel = clCreateKernel(program_built("kernel void k(float3 v, global float *out) { out[0] = v.z; }"), "k", &code);
    must("clCreateKernel", code);
    float three[4] = {1, 2, 3, 4}, third = 0;
    code_of("vector of three as four", clSetKernelArg(kernel, 0, 16, three));
    code_of("vector of three", clSetKernelArg(kernel, 0, 12, three));
    must("clSetKernelArg", clSetKernelArg(kernel, 1, sizeof buffer, &buffer));
    must("launch", clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &global, NULL, 0, NULL, NULL));
    must("read", clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, sizeof third, &third, 0, NULL, NULL));
    printf("third %g\n", third);

    cl_context watched = clCreateContext(NULL, 1, &device, on_failure, &one, &code);
    must("watched context", code);
    clReleaseContext(watched);
    for (int i = 0; i < 2; i++)
        clReleaseProgram(parts[i]);
    close_device();
    puts("done");
    return 0;
}
