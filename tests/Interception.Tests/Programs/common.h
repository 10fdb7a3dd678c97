/* What the programs here share: the first device, and lines that are the same on every right implementation. */
#ifndef COMMON_H
#define COMMON_H
#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_1_APIS
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cl_platform_id platform;
static cl_device_id device;
static cl_context context;
static cl_command_queue queue;

/* The code of a call that must work. */
static void must(const char *what, cl_int code)
{
    if (code == CL_SUCCESS)
        return;
    printf("%s failed: %d\n", what, code);
    fflush(stdout);
    exit(1);
}

/* The code of a call, whatever it is. */
static inline void code_of(const char *what, cl_int code)
{
    printf("%-40s %d\n", what, code);
    fflush(stdout);
}

/* Bytes as one number. */
static unsigned sum(const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    unsigned hash = 2166136261u;
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ at[i]) * 16777619u;
    return hash;
}

static inline void content(const char *what, const void *bytes, size_t count)
{
    printf("%-40s %08x\n", what, sum(bytes, count));
    fflush(stdout);
}

static inline void count_up(void *bytes, size_t count, unsigned seed)
{
    unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++)
        at[i] = (unsigned char)(seed = seed * 1103515245u + 12345u, seed >> 16);
}

static void open_device(cl_command_queue_properties properties)
{
    cl_int code;
    must("clGetPlatformIDs", clGetPlatformIDs(1, &platform, NULL));
    must("clGetDeviceIDs", clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL));
    context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
    must("clCreateContext", code);
    queue = clCreateCommandQueue(context, device, properties, &code);
    must("clCreateCommandQueue", code);
}

static void close_device(void)
{
    must("clFinish", clFinish(queue));
    must("clReleaseCommandQueue", clReleaseCommandQueue(queue));
    must("clReleaseContext", clReleaseContext(context));
}
#endif
