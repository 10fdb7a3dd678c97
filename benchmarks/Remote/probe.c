// What an OpenCL program sees of its device: launches, transfers. Prints "name<TAB>value<TAB>unit" lines. How often each is
// measured, and how much is moved, can be said with -D when it is compiled.
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef LAUNCHES
#define LAUNCHES 4000
#endif
#ifndef ROWS
#define ROWS 21
#endif
#ifndef TRANSFERS
#define TRANSFERS 9
#endif
#ifndef MEBIBYTES
#define MEBIBYTES 64
#endif
enum { IN_ROW = 1000 };

static const char *source =
    "kernel void nothing(global int *a) { }\n"
    "kernel void increment(global int *a) { if (get_global_id(0) == 0) a[0]++; }\n";

static void check(cl_int code, const char *what) {
  if (code != CL_SUCCESS) {
    fprintf(stderr, "%s: error %d\n", what, code);
    exit(1);
  }
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double part(double *values, int count, int percent) {
  qsort(values, count, sizeof *values, ascending);
  return values[(count - 1) * percent / 100];
}

int main(void) {
  cl_platform_id platform;
  cl_device_id device;
  cl_int code;
  check(clGetPlatformIDs(1, &platform, NULL), "clGetPlatformIDs");
  check(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL), "clGetDeviceIDs");
  cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
  check(code, "clCreateContext");
  cl_command_queue queue = clCreateCommandQueue(context, device, 0, &code);
  check(code, "clCreateCommandQueue");
  cl_program program = clCreateProgramWithSource(context, 1, &source, NULL, &code);
  check(code, "clCreateProgramWithSource");
  check(clBuildProgram(program, 1, &device, "", NULL, NULL), "clBuildProgram");
  cl_kernel nothing = clCreateKernel(program, "nothing", &code);
  check(code, "clCreateKernel");
  cl_kernel increment = clCreateKernel(program, "increment", &code);
  check(code, "clCreateKernel");
  const size_t bytes = (size_t)MEBIBYTES << 20;
  cl_mem counter = clCreateBuffer(context, CL_MEM_READ_WRITE, 4096, NULL, &code);
  check(code, "clCreateBuffer");
  cl_mem big = clCreateBuffer(context, CL_MEM_READ_WRITE, bytes, NULL, &code);
  check(code, "clCreateBuffer");
  check(clSetKernelArg(nothing, 0, sizeof counter, &counter), "clSetKernelArg");
  check(clSetKernelArg(increment, 0, sizeof counter, &counter), "clSetKernelArg");
  const size_t one = 1, few = 64;
  static double times[LAUNCHES];

  for (int i = -LAUNCHES / 20; i < LAUNCHES; i++) {
    double began = seconds();
    check(clEnqueueNDRangeKernel(queue, nothing, 1, NULL, &one, NULL, 0, NULL, NULL), "launch");
    check(clFinish(queue), "clFinish");
    if (i >= 0) times[i] = (seconds() - began) * 1e6;
  }
  printf("launch-and-finish.p50\t%.1f\tus\n", part(times, LAUNCHES, 50));
  printf("launch-and-finish.p99\t%.1f\tus\n", part(times, LAUNCHES, 99));

  const cl_int zero = 0;
  check(clEnqueueWriteBuffer(queue, counter, CL_TRUE, 0, sizeof zero, &zero, 0, NULL, NULL), "write");
  for (int i = 0; i < ROWS; i++) {
    double began = seconds();
    for (int j = 0; j < IN_ROW; j++)
      check(clEnqueueNDRangeKernel(queue, increment, 1, NULL, &few, NULL, 0, NULL, NULL), "launch");
    check(clFinish(queue), "clFinish");
    times[i] = (seconds() - began) * 1e3;
  }
  printf("launches-in-order.1000\t%.2f\tms\n", part(times, ROWS, 50));
  cl_int sum = 0;
  check(clEnqueueReadBuffer(queue, counter, CL_TRUE, 0, sizeof sum, &sum, 0, NULL, NULL), "read");
  if (sum != IN_ROW * ROWS) {
    fprintf(stderr, "%d launches had an effect, not %d\n", sum, IN_ROW * ROWS);
    return 1;
  }

  char *host = malloc(bytes), *back = malloc(bytes);
  for (size_t i = 0; i < bytes; i++) host[i] = (char)(i * 31 + (i >> 12));
  memset(back, 0, bytes);
  for (int i = -1; i < TRANSFERS; i++) {
    double began = seconds();
    check(clEnqueueWriteBuffer(queue, big, CL_TRUE, 0, bytes, host, 0, NULL, NULL), "write");
    if (i >= 0) times[i] = bytes / (seconds() - began) * 1e-9;
  }
  printf("write.%dMiB\t%.2f\tGB/s\n", MEBIBYTES, part(times, TRANSFERS, 50));
  for (int i = -1; i < TRANSFERS; i++) {
    double began = seconds();
    check(clEnqueueReadBuffer(queue, big, CL_TRUE, 0, bytes, back, 0, NULL, NULL), "read");
    if (i >= 0) times[i] = bytes / (seconds() - began) * 1e-9;
  }
  printf("read.%dMiB\t%.2f\tGB/s\n", MEBIBYTES, part(times, TRANSFERS, 50));
  if (memcmp(host, back, bytes) != 0) {
    fprintf(stderr, "what was read is not what was written\n");
    return 1;
  }
  clReleaseMemObject(big);
  clReleaseMemObject(counter);
  clReleaseKernel(nothing);
  clReleaseKernel(increment);
  clReleaseProgram(program);
  clReleaseCommandQueue(queue);
  clReleaseContext(context);
  return 0;
}
