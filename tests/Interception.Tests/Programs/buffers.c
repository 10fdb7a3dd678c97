/* Buffers, parts of them, and all ways to move their bytes; argument: 1 for an out-of-order queue. */
#include "common.h"

#define BYTES (1 << 20)

static unsigned char data[BYTES], back[BYTES];
static cl_mem buffer, other;

static void read_back(const char *what, cl_mem from, size_t bytes)
{
    memset(back, 0, sizeof back);
    must(what, clEnqueueReadBuffer(queue, from, CL_TRUE, 0, bytes, back, 0, NULL, NULL));
    content(what, back, bytes);
}

static void transfers(void)
{
    cl_event written, read;
    must("write", clEnqueueWriteBuffer(queue, buffer, CL_TRUE, 0, BYTES, data, 0, NULL, NULL));
    read_back("blocking", buffer, BYTES);
    count_up(data, 1000, 7);
    must("write", clEnqueueWriteBuffer(queue, buffer, CL_FALSE, 500, 1000, data, 0, NULL, &written));
    must("read", clEnqueueReadBuffer(queue, buffer, CL_FALSE, 0, BYTES, back, 1, &written, &read));
    must("wait", clWaitForEvents(1, &read));
    content("with events", back, BYTES);
    cl_int status;
    cl_command_type type;
    clGetEventInfo(written, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL);
    clGetEventInfo(read, CL_EVENT_COMMAND_TYPE, sizeof type, &type, NULL);
    printf("status %d type %x\n", status, type);
    clReleaseEvent(written);
    clReleaseEvent(read);
    must("copy", clEnqueueCopyBuffer(queue, buffer, other, 100, 5000, 70000, 0, NULL, &written));
    must("read", clEnqueueReadBuffer(queue, other, CL_TRUE, 0, BYTES, back, 1, &written, NULL));
    content("copied", back, BYTES);
    clReleaseEvent(written);
    cl_uint4 pattern = {{1, 2, 3, 4}};
    must("fill", clEnqueueFillBuffer(queue, other, &pattern, sizeof pattern, 160, 1600, 0, NULL, &written));
    must("wait", clWaitForEvents(1, &written));
    clReleaseEvent(written);
    read_back("filled", other, BYTES);
}

static void rectangles(void)
{
    size_t in_buffer[3] = {16, 2, 1}, in_host[3] = {3, 1, 2}, region[3] = {37, 11, 5}, into[3] = {1, 4, 3};
    cl_event event;
    count_up(data, BYTES, 3);
    must("write rect", clEnqueueWriteBufferRect(queue, other, CL_TRUE, in_buffer, in_host, region, 128, 128 * 20, 64,
        64 * 16, data, 0, NULL, NULL));
    read_back("written rectangle", other, BYTES);
    memset(back, 0, BYTES);
    must("read rect", clEnqueueReadBufferRect(queue, other, CL_FALSE, in_buffer, into, region, 128, 128 * 20, 100,
        100 * 30, back, 0, NULL, &event));
    must("wait", clWaitForEvents(1, &event));
    clReleaseEvent(event);
    content("read rectangle", back, BYTES);
    must("copy rect", clEnqueueCopyBufferRect(queue, other, buffer, in_buffer, into, region, 128, 128 * 20, 200, 200 * 40,
        0, NULL, NULL));
    must("finish", clFinish(queue));
    read_back("copied rectangle", buffer, BYTES);
    size_t zero[3] = {0, 0, 0}, flat[3] = {4000, 20, 1};
    must("read packed", clEnqueueReadBufferRect(queue, buffer, CL_TRUE, zero, zero, flat, 0, 0, 0, 0, back, 0, NULL, NULL));
    content("packed rectangle", back, 80000);
}

static void parts(void)
{
    cl_int code;
    cl_buffer_region region = {4096, 8192};
    cl_mem part = clCreateSubBuffer(buffer, CL_MEM_READ_ONLY, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
    must("part", code);
    read_back("part", part, 8192);
    must("write part", clEnqueueWriteBuffer(queue, part, CL_TRUE, 100, 200, data, 0, NULL, NULL));
    read_back("whole after write to part", buffer, BYTES);
    cl_mem_flags flags;
    size_t size, offset;
    cl_mem whole;
    cl_uint references;
    clGetMemObjectInfo(part, CL_MEM_FLAGS, sizeof flags, &flags, NULL);
    clGetMemObjectInfo(part, CL_MEM_SIZE, sizeof size, &size, NULL);
    clGetMemObjectInfo(part, CL_MEM_OFFSET, sizeof offset, &offset, NULL);
    clGetMemObjectInfo(part, CL_MEM_ASSOCIATED_MEMOBJECT, sizeof whole, &whole, NULL);
    clGetMemObjectInfo(part, CL_MEM_REFERENCE_COUNT, sizeof references, &references, NULL);
    printf("part: flags %llx size %zu offset %zu whole %d references %u\n", (unsigned long long)flags, size, offset,
        whole == buffer, references);
    clReleaseMemObject(part);
}

static void CL_CALLBACK gone(cl_mem memory, void *data)
{
    (void)memory;
    printf("destructor %s\n", (const char *)data);
}

static void pointers(void)
{
    cl_int code;
    size_t bytes = 10000;
    cl_mem copied = clCreateBuffer(context, CL_MEM_COPY_HOST_PTR | CL_MEM_READ_ONLY, bytes, data, &code);
    must("copy host pointer", code);
    read_back("copied host pointer", copied, bytes);
    void *own = aligned_alloc(4096, 16384);
    count_up(own, 16384, 99);
    cl_mem used = clCreateBuffer(context, CL_MEM_USE_HOST_PTR, 16384, own, &code);
    must("use host pointer", code);
    read_back("used host pointer", used, 16384);
    void *told;
    clGetMemObjectInfo(used, CL_MEM_HOST_PTR, sizeof told, &told, NULL);
    must("fill", clEnqueueFillBuffer(queue, used, "ab", 2, 0, 4096, 0, NULL, NULL));
    must("finish", clFinish(queue));
    char *mapped = clEnqueueMapBuffer(queue, used, CL_TRUE, CL_MAP_READ, 1024, 4096, 0, NULL, NULL, &code);
    must("map", code);
    printf("host pointer: told %d mapped %d\n", told == own, mapped == (char *)own + 1024);
    content("mapped host pointer", mapped, 4096);
    must("unmap", clEnqueueUnmapMemObject(queue, used, mapped, 0, NULL, NULL));
    must("callback", clSetMemObjectDestructorCallback(used, gone, "first"));
    must("callback", clSetMemObjectDestructorCallback(used, gone, "second"));
    must("finish", clFinish(queue));
    must("release", clReleaseMemObject(used));
    must("finish", clFinish(queue));
    clReleaseMemObject(copied);
    free(own);
}

static void large(void)
{
    size_t bytes = 80u << 20;
    unsigned char *from = malloc(bytes), *into = calloc(1, bytes);
    cl_int code;
    cl_event events[2];
    count_up(from, bytes, 5);
    cl_mem big = clCreateBuffer(context, CL_MEM_COPY_HOST_PTR, bytes, from, &code);
    must("large", code);
    must("read", clEnqueueReadBuffer(queue, big, CL_TRUE, 0, bytes, into, 0, NULL, NULL));
    content("large", into, bytes);
    size_t zero[3] = {0, 0, 0}, region[3] = {1u << 20, 70, 1};
    memset(into, 0, bytes);
    must("write rect", clEnqueueWriteBufferRect(queue, big, CL_FALSE, zero, zero, region, 0, 0, (1u << 20) + 512, 0, from,
        0, NULL, &events[0]));
    must("read rect", clEnqueueReadBufferRect(queue, big, CL_FALSE, zero, zero, region, 0, 0, (1u << 20) + 256, 0, into, 1,
        events, &events[1]));
    must("wait", clWaitForEvents(1, &events[1]));
    content("large rectangle", into, bytes);
    clReleaseEvent(events[0]);
    clReleaseEvent(events[1]);
    clReleaseMemObject(big);
    free(from);
    free(into);
}

int main(int count, char **arguments)
{
    cl_int code;
    open_device(count > 1 && arguments[1][0] == '1' ? CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE : 0);
    count_up(data, BYTES, 1);
    buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, BYTES, NULL, &code);
    must("clCreateBuffer", code);
    other = clCreateBuffer(context, 0, BYTES, NULL, &code);
    must("clCreateBuffer", code);
    cl_uchar zero = 0;
    must("fill", clEnqueueFillBuffer(queue, other, &zero, 1, 0, BYTES, 0, NULL, NULL));
    must("finish", clFinish(queue));
    transfers();
    rectangles();
    parts();
    pointers();
    large();
    clReleaseMemObject(buffer);
    clReleaseMemObject(other);
    close_device();
    puts("done");
    return 0;
}
