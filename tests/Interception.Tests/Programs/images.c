/* Images of every kind: created with and without pixels, read, written, filled, copied, mapped, described. */
#include "common.h"

static unsigned char data[1 << 20], back[1 << 20];

static cl_mem make(cl_mem_flags flags, cl_channel_order order, cl_channel_type type, cl_image_desc shape, void *host)
{
    cl_int code;
    cl_image_format format = {order, type};
    cl_mem image = clCreateImage(context, flags, &format, &shape, host, &code);
    must("clCreateImage", code);
    return image;
}

static void describe(const char *what, cl_mem image)
{
    static const cl_image_info sizes[] = {CL_IMAGE_ELEMENT_SIZE, CL_IMAGE_ROW_PITCH, CL_IMAGE_SLICE_PITCH, CL_IMAGE_WIDTH,
        CL_IMAGE_HEIGHT, CL_IMAGE_DEPTH, CL_IMAGE_ARRAY_SIZE};
    printf("%s:", what);
    for (int i = 0; i < 7; i++)
    {
        size_t value = 0;
        must("clGetImageInfo", clGetImageInfo(image, sizes[i], sizeof value, &value, NULL));
        printf(" %zu", value);
    }
    cl_mem_object_type type;
    size_t bytes;
    must("type", clGetMemObjectInfo(image, CL_MEM_TYPE, sizeof type, &type, NULL));
    must("size", clGetMemObjectInfo(image, CL_MEM_SIZE, sizeof bytes, &bytes, NULL));
    printf(" type %x bytes %zu\n", type, bytes);
}

static void whole(const char *what, cl_mem image, size_t x, size_t y, size_t z, size_t bytes)
{
    size_t origin[3] = {0, 0, 0}, region[3] = {x, y, z};
    memset(back, 0, sizeof back);
    must(what, clEnqueueReadImage(queue, image, CL_TRUE, origin, region, 0, 0, back, 0, NULL, NULL));
    content(what, back, bytes);
}

static void flat(void)
{
    cl_image_desc shape = {.image_type = CL_MEM_OBJECT_IMAGE2D, .image_width = 33, .image_height = 17};
    cl_mem image = make(CL_MEM_COPY_HOST_PTR, CL_RGBA, CL_UNORM_INT8, shape, data);
    describe("2D", image);
    whole("2D", image, 33, 17, 1, 33 * 17 * 4);
    size_t origin[3] = {5, 3, 0}, region[3] = {20, 10, 1}, zero[3] = {0, 0, 0};
    must("write", clEnqueueWriteImage(queue, image, CL_FALSE, origin, region, 128, 0, data + 1000, 0, NULL, NULL));
    whole("2D written", image, 33, 17, 1, 33 * 17 * 4);
    memset(back, 0, sizeof back);
    must("read", clEnqueueReadImage(queue, image, CL_TRUE, origin, region, 256, 0, back, 0, NULL, NULL));
    content("2D read with pitch", back, 256 * 10);
    float color[4] = {0.25f, 0.5f, 0.75f, 1.0f};
    must("fill", clEnqueueFillImage(queue, image, color, origin, region, 0, NULL, NULL));
    whole("2D filled", image, 33, 17, 1, 33 * 17 * 4);
    cl_mem second = make(0, CL_RGBA, CL_UNORM_INT8, shape, NULL);
    must("copy", clEnqueueCopyImage(queue, image, second, zero, zero, (size_t[]){33, 17, 1}, 0, NULL, NULL));
    whole("2D copied", second, 33, 17, 1, 33 * 17 * 4);
    cl_int code;
    cl_mem buffer = clCreateBuffer(context, CL_MEM_COPY_HOST_PTR, 8192, data, &code);
    must("buffer", code);
    must("to buffer", clEnqueueCopyImageToBuffer(queue, image, buffer, origin, region, 64, 0, NULL, NULL));
    must("read", clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, 8192, back, 0, NULL, NULL));
    content("2D to buffer", back, 8192);
    must("to image", clEnqueueCopyBufferToImage(queue, buffer, second, 128, origin, region, 0, NULL, NULL));
    whole("buffer to 2D", second, 33, 17, 1, 33 * 17 * 4);
    clReleaseMemObject(buffer);

    size_t row = 0, slice = 7;
    unsigned char *mapped = clEnqueueMapImage(queue, second, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, origin, region, &row,
        &slice, 0, NULL, NULL, &code);
    must("map", code);
    printf("2D map: row %zu slice %zu\n", row, slice);
    for (int y = 0; y < 10; y++)
        content("2D mapped row", mapped + y * row, 80);
    memset(mapped + 2 * row, 200, 80);
    must("unmap", clEnqueueUnmapMemObject(queue, second, mapped, 0, NULL, NULL));
    whole("2D unmapped", second, 33, 17, 1, 33 * 17 * 4);

    shape.image_row_pitch = 256;
    cl_mem pitched = make(CL_MEM_COPY_HOST_PTR, CL_RGBA, CL_UNORM_INT8, shape, data);
    whole("2D from pitched pixels", pitched, 33, 17, 1, 33 * 17 * 4);
    unsigned char *own = aligned_alloc(4096, 8192);
    memcpy(own, data, 8192);
    cl_mem used = make(CL_MEM_USE_HOST_PTR, CL_RGBA, CL_UNORM_INT8, shape, own);
    mapped = clEnqueueMapImage(queue, used, CL_TRUE, CL_MAP_WRITE, origin, region, &row, &slice, 0, NULL, NULL, &code);
    must("map", code);
    printf("2D host pointer: %d row %zu\n", (int)(mapped - own), row);
    memset(mapped, 3, 80);
    must("unmap", clEnqueueUnmapMemObject(queue, used, mapped, 0, NULL, NULL));
    whole("2D over host pointer", used, 33, 17, 1, 33 * 17 * 4);
    must("finish", clFinish(queue));
    clReleaseMemObject(used);
    free(own);
    clReleaseMemObject(pitched);
    clReleaseMemObject(second);
    clReleaseMemObject(image);
}

static void deep(void)
{
    cl_image_desc shape = {
        .image_type = CL_MEM_OBJECT_IMAGE3D, .image_width = 12, .image_height = 9, .image_depth = 7};
    cl_mem image = make(CL_MEM_COPY_HOST_PTR, CL_RGBA, CL_FLOAT, shape, data);
    describe("3D", image);
    whole("3D", image, 12, 9, 7, 12 * 9 * 7 * 16);
    size_t origin[3] = {2, 1, 3}, region[3] = {5, 6, 3}, row, slice;
    memset(back, 0, sizeof back);
    must("read", clEnqueueReadImage(queue, image, CL_TRUE, origin, region, 100, 1000, back, 0, NULL, NULL));
    content("3D read with pitches", back, 3000);
    must("write", clEnqueueWriteImage(queue, image, CL_TRUE, origin, region, 96, 960, data + 5, 0, NULL, NULL));
    whole("3D written", image, 12, 9, 7, 12 * 9 * 7 * 16);
    cl_int code;
    unsigned char *mapped = clEnqueueMapImage(queue, image, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, origin, region, &row,
        &slice, 0, NULL, NULL, &code);
    must("map", code);
    printf("3D map: row %zu slice %zu\n", row, slice);
    for (int z = 0; z < 3; z++)
        memset(mapped + z * slice + 2 * row, z, 5 * 16);
    must("unmap", clEnqueueUnmapMemObject(queue, image, mapped, 0, NULL, NULL));
    whole("3D unmapped", image, 12, 9, 7, 12 * 9 * 7 * 16);
    clReleaseMemObject(image);
}

static void arrays(void)
{
    cl_image_desc lines = {.image_type = CL_MEM_OBJECT_IMAGE1D_ARRAY, .image_width = 50, .image_array_size = 6};
    cl_mem image = make(CL_MEM_COPY_HOST_PTR, CL_R, CL_UNSIGNED_INT32, lines, data);
    describe("1D array", image);
    whole("1D array", image, 50, 6, 1, 50 * 6 * 4);
    size_t origin[3] = {10, 2, 0}, region[3] = {20, 3, 1};
    must("write", clEnqueueWriteImage(queue, image, CL_TRUE, origin, region, 0, 0, data + 77, 0, NULL, NULL));
    whole("1D array written", image, 50, 6, 1, 50 * 6 * 4);
    cl_uint color[4] = {1, 2, 3, 4};
    must("fill", clEnqueueFillImage(queue, image, color, origin, region, 0, NULL, NULL));
    whole("1D array filled", image, 50, 6, 1, 50 * 6 * 4);
    clReleaseMemObject(image);

    cl_image_desc planes = {.image_type = CL_MEM_OBJECT_IMAGE2D_ARRAY, .image_width = 20, .image_height = 10,
        .image_array_size = 4};
    image = make(CL_MEM_COPY_HOST_PTR, CL_RGBA, CL_SIGNED_INT16, planes, data);
    describe("2D array", image);
    whole("2D array", image, 20, 10, 4, 20 * 10 * 4 * 8);
    size_t first[3] = {1, 2, 1}, part[3] = {8, 5, 2};
    must("write", clEnqueueWriteImage(queue, image, CL_TRUE, first, part, 0, 0, data + 99, 0, NULL, NULL));
    whole("2D array written", image, 20, 10, 4, 20 * 10 * 4 * 8);
    clReleaseMemObject(image);

    cl_image_desc line = {.image_type = CL_MEM_OBJECT_IMAGE1D, .image_width = 300};
    image = make(CL_MEM_COPY_HOST_PTR, CL_RGBA, CL_UNSIGNED_INT8, line, data);
    describe("1D", image);
    whole("1D", image, 300, 1, 1, 1200);
    clReleaseMemObject(image);

    cl_int code;
    cl_mem buffer = clCreateBuffer(context, CL_MEM_COPY_HOST_PTR, 4096, data, &code);
    must("buffer", code);
    cl_image_desc over = {.image_type = CL_MEM_OBJECT_IMAGE1D_BUFFER, .image_width = 256, .buffer = buffer};
    image = make(0, CL_RGBA, CL_UNSIGNED_INT8, over, NULL);
    describe("1D over buffer", image);
    whole("1D over buffer", image, 256, 1, 1, 1024);
    cl_mem below;
    must("buffer", clGetImageInfo(image, CL_IMAGE_BUFFER, sizeof below, &below, NULL));
    printf("buffer below: %d\n", below == buffer);
    clReleaseMemObject(image);
    clReleaseMemObject(buffer);
}

static void formats(void)
{
    cl_uint count, taken;
    cl_image_format all[256], first[3];
    must("count", clGetSupportedImageFormats(context, CL_MEM_READ_ONLY, CL_MEM_OBJECT_IMAGE2D, 0, NULL, &count));
    must("formats", clGetSupportedImageFormats(context, CL_MEM_READ_ONLY, CL_MEM_OBJECT_IMAGE2D, 256, all, &taken));
    must("few", clGetSupportedImageFormats(context, CL_MEM_READ_ONLY, CL_MEM_OBJECT_IMAGE2D, 3, first, NULL));
    printf("formats: %u %u %d\n", count, taken, memcmp(all, first, sizeof first));
    content("formats", all, count * sizeof *all);
}

static void samplers(void)
{
    cl_int code;
    cl_sampler sampler = clCreateSampler(context, CL_FALSE, CL_ADDRESS_REPEAT, CL_FILTER_LINEAR, &code);
    code_of("repetition without normalization", code);
    sampler = clCreateSampler(context, CL_TRUE, CL_ADDRESS_REPEAT, CL_FILTER_LINEAR, &code);
    code_of("sampler", code);
    if (code == CL_SUCCESS)
    {
        cl_uint values[4];
        clGetSamplerInfo(sampler, CL_SAMPLER_NORMALIZED_COORDS, 4, &values[0], NULL);
        clGetSamplerInfo(sampler, CL_SAMPLER_ADDRESSING_MODE, 4, &values[1], NULL);
        clGetSamplerInfo(sampler, CL_SAMPLER_FILTER_MODE, 4, &values[2], NULL);
        clGetSamplerInfo(sampler, CL_SAMPLER_REFERENCE_COUNT, 4, &values[3], NULL);
        printf("sampler: %u %x %x %u\n", values[0], values[1], values[2], values[3]);
        clReleaseSampler(sampler);
    }
    cl_sampler_properties list[] = {CL_SAMPLER_ADDRESSING_MODE, CL_ADDRESS_CLAMP_TO_EDGE, 0};
    sampler = clCreateSamplerWithProperties(context, list, &code);
    code_of("sampler with properties", code);
    if (code == CL_SUCCESS)
        clReleaseSampler(sampler);
}

int main(void)
{
    open_device(0);
    count_up(data, sizeof data, 11);
    flat();
    deep();
    arrays();
    formats();
    samplers();
    close_device();
    puts("done");
    return 0;
}
