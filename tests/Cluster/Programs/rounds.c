/* Writes, launches, copies, reads and checks, round after round: "rounds COUNT BYTES", or "rounds FILE BYTES" until that
   file is there. Prints a line for each round, and "right" when all were. */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LAUNCHES = 8 };

static const char *source =
    "kernel void next(global uint *a) { size_t i = get_global_id(0); a[i] = a[i] * 1664525u + 1013904223u; }\n";

static void must(cl_int code, const char *what)
{
    if (code == CL_SUCCESS)
        return;
    printf("%s failed: %d\n", what, code);
    exit(1);
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    const char *file = arguments[1][0] == '/' ? arguments[1] : NULL;
    const int rounds = file ? 0 : atoi(arguments[1]);
    const size_t bytes = strtoull(arguments[2], NULL, 10), items = bytes / sizeof(cl_uint);
    cl_platform_id platform;
    cl_device_id device;
    cl_int code;
    must(clGetPlatformIDs(1, &platform, NULL), "clGetPlatformIDs");
    must(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL), "clGetDeviceIDs");
    cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
    must(code, "clCreateContext");
    cl_command_queue queue = clCreateCommandQueue(context, device, 0, &code);
    must(code, "clCreateCommandQueue");
    cl_program program = clCreateProgramWithSource(context, 1, &source, NULL, &code);
    must(code, "clCreateProgramWithSource");
    must(clBuildProgram(program, 1, &device, "", NULL, NULL), "clBuildProgram");
    cl_kernel next = clCreateKernel(program, "next", &code);
    must(code, "clCreateKernel");
    cl_mem here = clCreateBuffer(context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    must(code, "clCreateBuffer");
    cl_mem there = clCreateBuffer(context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    must(code, "clCreateBuffer");
    must(clSetKernelArg(next, 0, sizeof here, &here), "clSetKernelArg");
    cl_uint *given = malloc(bytes), *back = malloc(bytes);
    for (int round = 0; file ? access(file, F_OK) != 0 : round < rounds; round++) {
        for (size_t i = 0; i < items; i++)
            given[i] = (cl_uint)(i * 2654435761u + (unsigned)round);
        must(clEnqueueWriteBuffer(queue, here, CL_FALSE, 0, bytes, given, 0, NULL, NULL), "write");
        for (int i = 0; i < LAUNCHES; i++)
            must(clEnqueueNDRangeKernel(queue, next, 1, NULL, &items, NULL, 0, NULL, NULL), "launch");
        must(clEnqueueCopyBuffer(queue, here, there, 0, 0, bytes, 0, NULL, NULL), "copy");
        must(clEnqueueReadBuffer(queue, there, CL_TRUE, 0, bytes, back, 0, NULL, NULL), "read");
        for (size_t i = 0; i < items; i++) {
            cl_uint value = given[i];
            for (int j = 0; j < LAUNCHES; j++)
                value = value * 1664525u + 1013904223u;
            if (back[i] != value) {
                printf("round %d: item %zu is %u, not %u\n", round, i, back[i], value);
                return 1;
            }
        }
        printf("round %d\n", round);
        fflush(stdout);
    }
    must(clFinish(queue), "clFinish");
    clReleaseMemObject(there);
    clReleaseMemObject(here);
    clReleaseKernel(next);
    clReleaseProgram(program);
    clReleaseCommandQueue(queue);
    clReleaseContext(context);
    printf("right\n");
    return 0;
}
