/* A result that every command has to have come to exactly once: launches that count, mixed with writes, reads, copies of
   parts and new objects. Arguments: how many launches; a file that is there once it launches. */
#include "common.h"

enum { ITEMS = 1 << 18, BYTES = ITEMS * sizeof(cl_uint) };

static cl_uint values[ITEMS], expected[ITEMS], parts[ITEMS];

int main(int count, char **arguments)
{
    cl_int code;
    size_t items = ITEMS;
    int launches = count > 1 ? atoi(arguments[1]) : 10000;
    const char *source = "kernel void add(global uint *x, uint by) { x[get_global_id(0)] += by; }";
    open_device(0);
    cl_program program = clCreateProgramWithSource(context, 1, &source, NULL, &code);
    must("clBuildProgram", clBuildProgram(program, 0, NULL, "", NULL, NULL));
    cl_kernel kernel = clCreateKernel(program, "add", &code);
    must("clCreateKernel", code);
    cl_mem memory = clCreateBuffer(context, CL_MEM_READ_WRITE, BYTES, NULL, &code);
    must("clCreateBuffer", code);
    must("arg", clSetKernelArg(kernel, 0, sizeof memory, &memory));
    must("clFinish", clFinish(queue));
    if (count > 2)
        fclose(fopen(arguments[2], "w"));
    for (int i = 0; i < launches; i++) {
        cl_uint by = (cl_uint)i % 7 + 1;
        size_t some = i % 500 == 0 ? items : 64;
        must("arg", clSetKernelArg(kernel, 1, sizeof by, &by));
        must("launch", clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &some, NULL, 0, NULL, NULL));
        for (size_t k = 0; k < some; k++)
            expected[k] += by;
        if (i % 400 == 399) { /* a new content for a part, without waiting */
            size_t first = (size_t)(i % 3) * 1000;
            count_up(parts, BYTES / 2, (unsigned)i);
            must("write", clEnqueueWriteBuffer(queue, memory, CL_FALSE, first * 4, BYTES / 2, parts, 0, NULL, NULL));
            memcpy(expected + first, parts, BYTES / 2);
            must("clFinish", clFinish(queue));
        }
        if (i % 250 == 249) {
            must("read", clEnqueueReadBuffer(queue, memory, CL_TRUE, 0, BYTES, values, 0, NULL, NULL));
            if (memcmp(values, expected, BYTES) != 0) {
                printf("wrong after %d launches\n", i + 1);
                return 1;
            }
        }
        if (i % 1000 == 10)
            must("clFinish", clFinish(queue));
    }
    must("read", clEnqueueReadBuffer(queue, memory, CL_TRUE, 0, BYTES, values, 0, NULL, NULL));
    printf(memcmp(values, expected, BYTES) == 0 ? "right\n" : "wrong\n");
    clReleaseMemObject(memory);
    clReleaseKernel(kernel);
    clReleaseProgram(program);
    close_device();
    return 0;
}
