// A program that knows nothing of GpuActors. lease HOW...: looks for a device, says what it found, and then
//   end               ends
//   stay              waits for ever
//   become PROGRAM... becomes another program
//   fork              ends, and leaves a child behind that says its id and waits for ever
//   alone             says whether it has children, and what has come of signals about them
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Descriptors that another program in this one's place, or a child's, would have.
static int passed_on(void) {
    int open = 0;
    for (int descriptor = 0; descriptor < 256; descriptor++) {
        int flags = fcntl(descriptor, F_GETFD);
        open += flags >= 0 && (flags & FD_CLOEXEC) == 0;
    }
    return open;
}

int main(int count, char **words) {
    cl_platform_id platform;
    cl_device_id device;
    cl_uint devices = 0;
    int before = passed_on();
    cl_int code = clGetPlatformIDs(1, &platform, NULL);
    if (code == CL_SUCCESS)
        code = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, &devices);
    printf("%d %u\n", code, devices);
    fflush(stdout);
    if (count < 2)
        return 0;
    if (strcmp(words[1], "stay") == 0)
        pause();
    if (strcmp(words[1], "become") == 0) {
        execvp(words[2], words + 2);
        return 1;
    }
    if (strcmp(words[1], "fork") == 0) {
        pid_t child = fork();
        if (child == 0) {
            close(1);
            close(2);
            pause();
        }
        printf("%d\n", (int)child);
    }
    if (strcmp(words[1], "alone") == 0) {
        int status;
        int is_alone = waitpid(-1, &status, WNOHANG) == -1 && errno == ECHILD;
        struct sigaction child;
        sigaction(SIGCHLD, NULL, &child);
        printf("children: %s\n", is_alone ? "none" : "some");
        printf("SIGCHLD: %s\n", child.sa_handler == SIG_DFL ? "as it was" : "taken");
        printf("descriptors to pass on: %d more\n", passed_on() - before);
    }
    return 0;
}
