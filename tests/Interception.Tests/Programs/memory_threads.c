/* Threads that write, copy, map and read memory of their own and parts of a common buffer, and check every byte. */
#include "common.h"
#include <pthread.h>

#define THREADS 8
#define ROUNDS 60
#define BYTES (192 << 10)

static cl_mem shared;
static int failures;

static void check(const char *what, const void *got, const void *wanted, size_t bytes)
{
    if (memcmp(got, wanted, bytes) == 0)
        return;
    printf("%s is wrong\n", what);
    __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
}

static void *work(void *argument)
{
    size_t index = (size_t)argument;
    unsigned char *data = malloc(BYTES), *back = malloc(BYTES);
    cl_int code;
    cl_command_queue own = clCreateCommandQueue(
        context, device, index % 2 ? CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE : 0, &code);
    must("queue", code);
    cl_buffer_region region = {index * BYTES, BYTES};
    cl_mem part = clCreateSubBuffer(shared, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
    must("part", code);
    for (unsigned round = 0; round < ROUNDS; round++)
    {
        cl_event written, copied, read;
        size_t bytes = round % 3 ? BYTES : 1000;
        count_up(data, BYTES, round * THREADS + (unsigned)index);
        cl_mem mine = clCreateBuffer(context, 0, BYTES, NULL, &code);
        must("buffer", code);
        must("write", clEnqueueWriteBuffer(own, mine, CL_FALSE, 0, bytes, data, 0, NULL, &written));
        must("copy", clEnqueueCopyBuffer(own, mine, part, 0, 0, bytes, 1, &written, &copied));
        must("read", clEnqueueReadBuffer(own, part, CL_FALSE, 0, bytes, back, 1, &copied, &read));
        must("release", clReleaseMemObject(mine));
        must("wait", clWaitForEvents(1, &read));
        check("read", back, data, bytes);
        clReleaseEvent(written);
        clReleaseEvent(copied);
        clReleaseEvent(read);
        unsigned char *mapped = clEnqueueMapBuffer(
            own, part, round % 2, CL_MAP_READ | CL_MAP_WRITE, 0, bytes, 0, NULL, &read, &code);
        must("map", code);
        must("wait", clWaitForEvents(1, &read));
        clReleaseEvent(read);
        check("map", mapped, data, bytes);
        memset(mapped, (int)round, 512);
        memset(data, (int)round, 512);
        must("unmap", clEnqueueUnmapMemObject(own, part, mapped, 0, NULL, &written));
        must("read", clEnqueueReadBuffer(own, shared, CL_TRUE, region.origin, bytes, back, 1, &written, NULL));
        clReleaseEvent(written);
        check("unmap", back, data, bytes);
    }
    must("finish", clFinish(own));
    clReleaseMemObject(part);
    clReleaseCommandQueue(own);
    free(data);
    free(back);
    return NULL;
}

int main(void)
{
    cl_int code;
    pthread_t threads[THREADS];
    open_device(0);
    shared = clCreateBuffer(context, 0, THREADS * BYTES, NULL, &code);
    must("clCreateBuffer", code);
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    clReleaseMemObject(shared);
    close_device();
    printf("failures %d\n", failures);
    puts("done");
    return failures != 0;
}
