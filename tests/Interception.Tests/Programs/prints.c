/* A kernel prints far more than its program takes at a time: nothing of it may be lost, and the order stays. */
#include "common.h"
#include <pthread.h>
#include <unistd.h>

static int ends[2];
static unsigned long count;
static unsigned hash = 2166136261u;

static void *take_slowly(void *unused)
{
    unsigned char two[2];
    ssize_t taken;
    while ((taken = read(ends[0], two, sizeof two)) > 0)
        for (ssize_t i = 0; i < taken; i++, count++)
            hash = (hash ^ two[i]) * 16777619u;
    return unused;
}

int main(void)
{
    const char *source =
        "kernel void say(int n) { for (int i = 0; i < n; i++)"
        " printf(\"%4d %4d %v4hlf %s ............................................................................\\n\","
        " (int)get_global_id(0), i, (float4)(1.5f, 2.5f, -3.0f, i), \"and so on\"); }";
    cl_int code, lines = 100;
    size_t items = 1000;
    pthread_t reader;
    open_device(0);
    cl_program program = clCreateProgramWithSource(context, 1, &source, NULL, &code);
    must("clCreateProgramWithSource", code);
    must("clBuildProgram", clBuildProgram(program, 0, NULL, NULL, NULL, NULL));
    cl_kernel kernel = clCreateKernel(program, "say", &code);
    must("clCreateKernel", code);
    must("clSetKernelArg", clSetKernelArg(kernel, 0, sizeof lines, &lines));

    int out = dup(1);
    if (pipe(ends) != 0)
        return 1;
    dup2(ends[1], 1);
    close(ends[1]);
    pthread_create(&reader, NULL, take_slowly, NULL);
    must("launch", clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &items, &items, 0, NULL, NULL));
    must("clFinish", clFinish(queue));
    fflush(stdout);
    dup2(out, 1);
    pthread_join(reader, NULL);
    printf("%lu characters, %08x\n", count, hash);
    close_device();
    return 0;
}
