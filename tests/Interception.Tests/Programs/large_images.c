/* An image whose pixels are more than one command carries: with its creation, with pitches, mapped, in both kinds of queue. */
#include "common.h"

#define WIDTH 4096
#define HEIGHT 4608
#define ROW (WIDTH * 4 + 64)

int main(int count, char **arguments)
{
    cl_int code;
    cl_event event;
    size_t zero[3] = {0, 0, 0}, all[3] = {WIDTH, HEIGHT, 1}, row, slice;
    size_t bytes = (size_t)ROW * HEIGHT;
    unsigned char *from = malloc(bytes), *into = calloc(1, bytes);
    cl_image_format format = {CL_RGBA, CL_UNORM_INT8};
    cl_image_desc shape = {
        .image_type = CL_MEM_OBJECT_IMAGE2D, .image_width = WIDTH, .image_height = HEIGHT, .image_row_pitch = ROW};
    open_device(count > 1 && arguments[1][0] == '1' ? CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE : 0);
    count_up(from, bytes, 21);
    cl_mem image = clCreateImage(context, CL_MEM_COPY_HOST_PTR, &format, &shape, from, &code);
    must("clCreateImage", code);
    must("read", clEnqueueReadImage(queue, image, CL_FALSE, zero, all, 0, 0, into, 0, NULL, &event));
    must("wait", clWaitForEvents(1, &event));
    clReleaseEvent(event);
    content("created", into, (size_t)WIDTH * 4 * HEIGHT);
    count_up(from, bytes, 22);
    must("write", clEnqueueWriteImage(queue, image, CL_FALSE, zero, all, ROW, 0, from, 0, NULL, &event));
    unsigned char *mapped = clEnqueueMapImage(queue, image, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, zero, all, &row, &slice, 1,
        &event, NULL, &code);
    must("map", code);
    clReleaseEvent(event);
    for (size_t y = 0; y < HEIGHT; y++)
        memcpy(into + y * WIDTH * 4, mapped + y * row, WIDTH * 4);
    content("written", into, (size_t)WIDTH * 4 * HEIGHT);
    for (size_t y = 0; y < HEIGHT; y++)
        memset(mapped + y * row, (int)y, 16);
    must("unmap", clEnqueueUnmapMemObject(queue, image, mapped, 0, NULL, &event));
    must("read", clEnqueueReadImage(queue, image, CL_TRUE, zero, all, ROW, 0, into, 1, &event, NULL));
    clReleaseEvent(event);
    unsigned hash = 0;
    for (size_t y = 0; y < HEIGHT; y++)
        hash = hash * 31 + sum(into + y * ROW, WIDTH * 4);
    printf("unmapped %08x\n", hash);
    clReleaseMemObject(image);
    close_device();
    free(from);
    free(into);
    puts("done");
    return 0;
}
