/* Launches until something fails, and says with which code: what a program sees whose executor dies. The file of the
   argument is there once it launches. */
#include "common.h"

int main(int count, char **arguments)
{
    cl_int code;
    size_t one = 1;
    const char *source = "kernel void nothing() {}";
    open_device(0);
    cl_program program = clCreateProgramWithSource(context, 1, &source, NULL, &code);
    must("clBuildProgram", clBuildProgram(program, 0, NULL, "", NULL, NULL));
    cl_kernel kernel = clCreateKernel(program, "nothing", &code);
    must("clFinish", clFinish(queue));
    if (count > 1)
        fclose(fopen(arguments[1], "w"));
    for (;;) {
        code = clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &one, NULL, 0, NULL, NULL);
        if (code == CL_SUCCESS)
            code = clFinish(queue);
        if (code != CL_SUCCESS)
            break;
    }
    printf("failed with %d\n", code);
    clCreateBuffer(context, 0, 16, NULL, &code);
    printf("buffer %d\n", code);
    return 0;
}
