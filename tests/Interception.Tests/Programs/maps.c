/* Maps of buffers: several at once, non-blocking, for writing, of parts that overlap. */
#include "common.h"

#define BYTES 65536

static unsigned char data[BYTES], back[BYTES];
static cl_mem buffer;

static cl_uint maps_of(cl_mem memory)
{
    cl_uint count;
    must("map count", clGetMemObjectInfo(memory, CL_MEM_MAP_COUNT, sizeof count, &count, NULL));
    return count;
}

static unsigned char *map(cl_mem memory, cl_bool blocking, cl_map_flags flags, size_t offset, size_t size, cl_event *event)
{
    cl_int code;
    unsigned char *mapped = clEnqueueMapBuffer(queue, memory, blocking, flags, offset, size, 0, NULL, event, &code);
    must("clEnqueueMapBuffer", code);
    return mapped;
}

static void unmap(cl_mem memory, void *mapped)
{
    must("unmap", clEnqueueUnmapMemObject(queue, memory, mapped, 0, NULL, NULL));
}

static void read_back(const char *what)
{
    must(what, clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, BYTES, back, 0, NULL, NULL));
    content(what, back, BYTES);
}

int main(void)
{
    cl_int code;
    cl_event event, waits;
    open_device(0);
    count_up(data, BYTES, 1);
    buffer = clCreateBuffer(context, CL_MEM_ALLOC_HOST_PTR | CL_MEM_COPY_HOST_PTR, BYTES, data, &code);
    must("clCreateBuffer", code);

    unsigned char *all = map(buffer, CL_TRUE, CL_MAP_READ, 0, BYTES, NULL);
    content("read", all, BYTES);
    unmap(buffer, all);

    unsigned char *first = map(buffer, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0, 4096, NULL);
    unsigned char *second = map(buffer, CL_TRUE, CL_MAP_WRITE, 8192, 4096, NULL);
    printf("two maps: %u, apart %d\n", maps_of(buffer), (int)(second - first));
    memset(first, 1, 100);
    memset(second + 4000, 2, 96);
    unmap(buffer, first);
    unmap(buffer, second);
    read_back("written by maps");

    unsigned char *whole = map(buffer, CL_TRUE, CL_MAP_WRITE_INVALIDATE_REGION, 1000, 30000, NULL);
    count_up(whole, 30000, 4);
    must("unmap", clEnqueueUnmapMemObject(queue, buffer, whole, 0, NULL, &event));
    must("wait", clWaitForEvents(1, &event));
    cl_command_type type;
    clGetEventInfo(event, CL_EVENT_COMMAND_TYPE, sizeof type, &type, NULL);
    printf("unmap is %x\n", type);
    clReleaseEvent(event);
    read_back("invalidated");

    unsigned char *later = map(buffer, CL_FALSE, CL_MAP_READ | CL_MAP_WRITE, 512, 2048, &event);
    must("wait", clWaitForEvents(1, &event));
    clGetEventInfo(event, CL_EVENT_COMMAND_TYPE, sizeof type, &type, NULL);
    printf("map is %x\n", type);
    clReleaseEvent(event);
    content("non-blocking", later, 2048);
    memset(later, 9, 10);
    unmap(buffer, later);
    read_back("after non-blocking");

    later = map(buffer, CL_FALSE, CL_MAP_READ | CL_MAP_WRITE, 0, BYTES, NULL);
    unmap(buffer, later); /* nobody has touched it: nothing may change */
    read_back("mapped and unmapped at once");

    cl_buffer_region left = {0, 8192}, right = {4096, 8192};
    cl_mem one = clCreateSubBuffer(buffer, 0, CL_BUFFER_CREATE_TYPE_REGION, &left, &code);
    must("part", code);
    cl_mem two = clCreateSubBuffer(buffer, 0, CL_BUFFER_CREATE_TYPE_REGION, &right, &code);
    must("part", code);
    first = map(one, CL_TRUE, CL_MAP_WRITE, 0, 8192, NULL);
    memset(first + 4096, 77, 4096);
    unmap(one, first);
    second = map(two, CL_TRUE, CL_MAP_READ, 0, 8192, NULL);
    content("overlapping parts", second, 8192);
    unmap(two, second);
    clReleaseMemObject(one);
    clReleaseMemObject(two);
    read_back("after parts");

    cl_event user = clCreateUserEvent(context, &code);
    must("user event", code);
    all = clEnqueueMapBuffer(queue, buffer, CL_FALSE, CL_MAP_READ, 0, BYTES, 1, &user, &waits, &code);
    must("map", code);
    cl_int status;
    clGetEventInfo(waits, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL);
    printf("waits: %d\n", status > 0);
    must("set", clSetUserEventStatus(user, CL_COMPLETE));
    must("wait", clWaitForEvents(1, &waits));
    content("after user event", all, BYTES);
    unmap(buffer, all);
    must("finish", clFinish(queue));
    clReleaseEvent(user);
    clReleaseEvent(waits);
    code_of("unmap of what is not mapped", clEnqueueUnmapMemObject(queue, buffer, data, 0, NULL, NULL));
    code_of("unmap twice", clEnqueueUnmapMemObject(queue, buffer, all, 0, NULL, NULL));
    clReleaseMemObject(buffer);
    close_device();
    puts("done");
    return 0;
}
