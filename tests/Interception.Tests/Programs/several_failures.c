/* A device of two goes away while a context uses both: errors, no hang, and the other goes on. The first argument is
   there once the program launches; it waits until the second is. */
#include "common.h"
#include <unistd.h>

int main(int count, char **arguments)
{
    cl_int code = CL_SUCCESS;
    cl_platform_id platform;
    cl_device_id both[2];
    cl_command_queue queues[2], alone_queue;
    const char *source = "kernel void increment(global int *v) { v[get_global_id(0)] += 1; }\n";
    size_t items = 1 << 16;
    int value = 0;
    (void)count;
    must("platform", clGetPlatformIDs(1, &platform, NULL));
    must("devices", clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 2, both, NULL));
    cl_context shared = clCreateContext(NULL, 2, both, NULL, NULL, &code);
    must("context", code);
    cl_context alone = clCreateContext(NULL, 1, &both[0], NULL, NULL, &code);
    must("context", code);
    for (int on = 0; on < 2; on++)
        queues[on] = clCreateCommandQueueWithProperties(shared, both[on], NULL, &code);
    alone_queue = clCreateCommandQueueWithProperties(alone, both[0], NULL, &code);
    cl_program program = clCreateProgramWithSource(shared, 1, &source, NULL, &code);
    must("build", clBuildProgram(program, 0, NULL, "", NULL, NULL));
    cl_kernel kernel = clCreateKernel(program, "increment", &code);
    must("kernel", code);
    cl_mem memory = clCreateBuffer(shared, 0, items * 4, NULL, &code);
    cl_mem kept = clCreateBuffer(shared, 0, items * 4, NULL, &code);
    cl_mem lost = clCreateBuffer(shared, 0, items * 4, NULL, &code);
    clSetKernelArg(kernel, 0, sizeof lost, &lost);
    must("launch", clEnqueueNDRangeKernel(queues[1], kernel, 1, NULL, &items, NULL, 0, NULL, NULL));
    must("finish", clFinish(queues[1]));
    clSetKernelArg(kernel, 0, sizeof kept, &kept);
    must("launch", clEnqueueNDRangeKernel(queues[0], kernel, 1, NULL, &items, NULL, 0, NULL, NULL));
    must("finish", clFinish(queues[0]));
    /* What waits for the other device when that goes. */
    cl_event user = clCreateUserEvent(shared, &code), there, here;
    must("marker", clEnqueueMarkerWithWaitList(queues[1], 1, &user, &there));
    must("marker", clEnqueueMarkerWithWaitList(queues[0], 1, &there, &here));
    clFlush(queues[0]);
    clSetKernelArg(kernel, 0, sizeof memory, &memory);
    fclose(fopen(arguments[1], "w"));
    for (int i = 0; access(arguments[2], F_OK) != 0; i++) {
        if (i == 6000) {
            puts("nobody killed it");
            return 1;
        }
        usleep(10000);
    }
    printf("wait %d\n", clWaitForEvents(1, &here));
    for (int i = 0; i < 100000; i++) {
        code = clEnqueueNDRangeKernel(queues[1], kernel, 1, NULL, &items, NULL, 0, NULL, NULL);
        if (code == CL_SUCCESS)
            code = clFinish(queues[1]);
        if (code != CL_SUCCESS)
            break;
    }
    printf("launch there %d\n", code);
    code = clEnqueueReadBuffer(queues[0], lost, CL_TRUE, 0, 4, &value, 0, NULL, NULL);
    printf("what was there %d\n", code);
    must("read", clEnqueueReadBuffer(queues[0], kept, CL_TRUE, 0, 4, &value, 0, NULL, NULL));
    printf("what was here %d\n", value);
    clSetKernelArg(kernel, 0, sizeof kept, &kept);
    must("launch", clEnqueueNDRangeKernel(queues[0], kernel, 1, NULL, &items, NULL, 0, NULL, NULL));
    must("read", clEnqueueReadBuffer(queues[0], kept, CL_TRUE, 0, 4, &value, 0, NULL, NULL));
    printf("after a launch here %d\n", value);
    cl_mem other = clCreateBuffer(alone, CL_MEM_COPY_HOST_PTR, 4, &value, &code);
    must("buffer", code);
    value = 0;
    must("read", clEnqueueReadBuffer(alone_queue, other, CL_TRUE, 0, 4, &value, 0, NULL, NULL));
    printf("another context here %d\n", value);
    return 0;
}
