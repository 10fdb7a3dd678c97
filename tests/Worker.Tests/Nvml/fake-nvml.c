/*
 * A small libnvidia-ml for tests: the entry points that the worker uses, with nvml.h's signatures and layouts, over
 * GPUs that exist in memory. What it is strict about is what the real one is strict about: privileges, MIG mode, legal
 * places, overlaps, instances in use, buffers that are too small, handles that are void. fake_... is for the tests.
 *
 * Built with -DFAKE_OLD it lacks what drivers before 510 lack.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    OK = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NO_PERMISSION = 4, NOT_FOUND = 6,
    INSUFFICIENT_SIZE = 7, DRIVER_NOT_LOADED = 9, RESET_REQUIRED = 16, IN_USE = 19, INSUFFICIENT_RESOURCES = 23,
    VERSION_MISMATCH = 25
};

enum { GPUS = 8, PROFILES = 10, PLACES = 8, INSTANCES = 8, COMPUTES = 8, PIDS = 100 };

typedef unsigned int uint;
typedef struct {
    char bus_id_legacy[16];
    uint domain, bus, device, pci_device_id, subsystem_id;
    char bus_id[32];
} pci_t;
typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { uint pid; unsigned long long used; uint gpu_instance, compute_instance; } process_t;
typedef struct { uint start, size; } place_t;
typedef struct {
    uint id, p2p, slices, instances, sms, copy, decode, encode, jpeg, ofa;
    unsigned long long memory_mb;
} profile_info_t;
typedef struct {
    uint version, id, p2p, slices, instances, sms, copy, decode, encode, jpeg, ofa;
    unsigned long long memory_mb;
    char name[96];
} profile_info_v2_t;
typedef struct { void *device; uint id, profile; place_t place; } instance_info_t;
typedef struct { uint id, slices, instances, sms, copy, decode, encode, jpeg, ofa; } compute_profile_info_t;
typedef struct { void *device, *instance; uint id, profile; place_t place; } compute_info_t;

/* Sizes that drivers have been built with for years. */
_Static_assert(sizeof(pci_t) == 68, "nvmlPciInfo_t");
_Static_assert(sizeof(process_t) == 24, "nvmlProcessInfo_t");
_Static_assert(sizeof(profile_info_t) == 48, "nvmlGpuInstanceProfileInfo_t");
_Static_assert(sizeof(profile_info_v2_t) == 152, "nvmlGpuInstanceProfileInfo_v2_t");
_Static_assert(sizeof(instance_info_t) == 24, "nvmlGpuInstanceInfo_t");
_Static_assert(sizeof(compute_profile_info_t) == 36, "nvmlComputeInstanceProfileInfo_t");
_Static_assert(sizeof(compute_info_t) == 32, "nvmlComputeInstanceInfo_t");

/* number: by which the profile is asked for (NVML_GPU_INSTANCE_PROFILE_...), id: by which instances are made. */
typedef struct {
    uint number, id, size, max, slices, sms, decode, jpeg, ofa, memory_mb, start_count;
    uint starts[PLACES];
    const char *name;
} profile_t;

typedef struct {
    const char *key, *name;
    unsigned long long memory;
    int major, minor;
    uint width, profile_count;
    profile_t profiles[PROFILES];
} model_t;

static const model_t MODELS[] = {
    { "A100-40", "NVIDIA A100-SXM4-40GB", 42949672960ULL, 8, 0, 8, 7, {
        { 0, 19, 1, 7, 1, 14, 0, 0, 0, 4864, 7, { 0, 1, 2, 3, 4, 5, 6 }, "MIG 1g.5gb" },
        { 1, 14, 2, 3, 2, 28, 1, 0, 0, 9856, 3, { 0, 2, 4 }, "MIG 2g.10gb" },
        { 2, 9, 4, 2, 3, 42, 2, 0, 0, 19968, 2, { 0, 4 }, "MIG 3g.20gb" },
        { 3, 5, 4, 1, 4, 56, 2, 0, 0, 19968, 1, { 0 }, "MIG 4g.20gb" },
        { 4, 0, 8, 1, 7, 98, 5, 1, 1, 40192, 1, { 0 }, "MIG 7g.40gb" },
        { 7, 20, 1, 1, 1, 14, 1, 1, 1, 4864, 7, { 0, 1, 2, 3, 4, 5, 6 }, "MIG 1g.5gb+me" },
        { 9, 15, 2, 4, 1, 14, 1, 0, 0, 9856, 4, { 0, 2, 4, 6 }, "MIG 1g.10gb" } } },
    { "A30", "NVIDIA A30", 25769803776ULL, 8, 0, 4, 5, {
        { 0, 14, 1, 4, 1, 14, 0, 0, 0, 5952, 4, { 0, 1, 2, 3 }, "MIG 1g.6gb" },
        { 1, 5, 2, 2, 2, 28, 2, 0, 0, 11968, 2, { 0, 2 }, "MIG 2g.12gb" },
        { 3, 0, 4, 1, 4, 56, 4, 1, 1, 24000, 1, { 0 }, "MIG 4g.24gb" },
        { 7, 21, 1, 1, 1, 14, 1, 1, 1, 5952, 4, { 0, 1, 2, 3 }, "MIG 1g.6gb+me" },
        { 8, 6, 2, 1, 2, 28, 2, 1, 1, 11968, 2, { 0, 2 }, "MIG 2g.12gb+me" } } },
    { "T4", "Tesla T4", 16106127360ULL, 7, 5, 0, 0, { { 0 } } },
};

/* Compute instance profiles: number and id are the same; slices of each. */
static const uint COMPUTE_SLICES[] = { 1, 2, 3, 4, 7 };
enum { COMPUTE_PROFILES = 5 };

typedef struct { int live; uint id, profile, start; } compute_t;
typedef struct {
    int live;
    uint id, pid, start;
    const profile_t *profile;
    compute_t computes[COMPUTES];
} instance_t;
typedef struct {
    const model_t *model;
    char uuid[64];
    pci_t pci;
    int numa, mig, mig_pending, activation;
    uint pid_count, pids[PIDS];
    instance_t instances[INSTANCES];
} gpu_t;

static gpu_t gpus[GPUS];
static uint gpu_count;
static int initialized, privileged = 1, init_code, fail_after = -1, fail_code;
static uint changes;

/* ---- what tests do to the machine ---- */

int fake_add_gpu(const char *model, uint domain, uint bus, uint device, int numa)
{
    for (uint i = 0; i < sizeof MODELS / sizeof *MODELS && gpu_count < GPUS; i++)
        if (!strcmp(MODELS[i].key, model)) {
            gpu_t *gpu = &gpus[gpu_count];
            gpu->model = &MODELS[i];
            gpu->numa = numa;
            gpu->pci.domain = domain, gpu->pci.bus = bus, gpu->pci.device = device;
            snprintf(gpu->pci.bus_id, sizeof gpu->pci.bus_id, "%08X:%02X:%02X.0", domain, bus, device);
            snprintf(gpu->uuid, sizeof gpu->uuid, "GPU-0000%04x-0000-4000-8000-%012x", gpu_count, bus);
            return (int)gpu_count++;
        }
    return -1;
}

void fake_set_privileged(int yes) { privileged = yes; }
void fake_set_init(int code) { init_code = code; }

/* What a change of mode answers as its activation. */
void fake_set_activation(uint gpu, int code) { gpus[gpu].activation = code; }

/* The call that changes an instance after so many more that do fails, once. */
void fake_fail_after(int calls, int code) { fail_after = calls, fail_code = code; }

/* Calls so far that changed an instance. */
uint fake_changes(void) { return changes; }

/* So many processes compute on the GPU. */
void fake_set_processes(uint gpu, uint count)
{
    for (uint i = 0; i < count && i < PIDS; i++)
        gpus[gpu].pids[i] = 1000 + i;
    gpus[gpu].pid_count = count;
}

/* A process (0: none) computes on the instance that begins there. */
void fake_use(uint gpu, uint start, uint pid)
{
    for (instance_t *i = gpus[gpu].instances; i < gpus[gpu].instances + INSTANCES; i++)
        if (i->live && i->start == start)
            i->pid = pid;
}

/* Instances are gone; so is the mode, unless the card keeps it. */
void fake_reboot(int keeps_mode)
{
    for (uint i = 0; i < gpu_count; i++) {
        memset(gpus[i].instances, 0, sizeof gpus[i].instances);
        gpus[i].pid_count = 0, gpus[i].activation = OK;
        gpus[i].mig = keeps_mode ? gpus[i].mig_pending : 0;
        gpus[i].mig_pending = gpus[i].mig;
    }
}

/* Takes the compute instances of the instance that begins there away; with slices, leaves one of that many. */
void fake_spoil(uint gpu, uint start, uint slices)
{
    for (instance_t *i = gpus[gpu].instances; i < gpus[gpu].instances + INSTANCES; i++)
        if (i->live && i->start == start) {
            memset(i->computes, 0, sizeof i->computes);
            if (slices)
                i->computes[0] = (compute_t){ 1, 0, slices - 1, 0 };
        }
}

/* ---- objects ---- */

static gpu_t *gpu_of(void *handle)
{
    for (uint i = 0; i < gpu_count; i++)
        if (handle == &gpus[i])
            return &gpus[i];
    return 0;
}

static instance_t *instance_of(void *handle, gpu_t **owner)
{
    for (uint g = 0; g < gpu_count; g++)
        for (uint i = 0; i < INSTANCES; i++)
            if (handle == &gpus[g].instances[i] && gpus[g].instances[i].live) {
                if (owner)
                    *owner = &gpus[g];
                return &gpus[g].instances[i];
            }
    return 0;
}

static compute_t *compute_of(void *handle, instance_t **instance, gpu_t **owner)
{
    for (uint g = 0; g < gpu_count; g++)
        for (uint i = 0; i < INSTANCES; i++)
            for (uint c = 0; c < COMPUTES; c++)
                if (handle == &gpus[g].instances[i].computes[c] && gpus[g].instances[i].live
                    && gpus[g].instances[i].computes[c].live) {
                    *instance = &gpus[g].instances[i];
                    *owner = &gpus[g];
                    return &gpus[g].instances[i].computes[c];
                }
    return 0;
}

static const profile_t *profile_of(const gpu_t *gpu, uint number, uint id, int by_number)
{
    for (uint i = 0; i < gpu->model->profile_count; i++)
        if (by_number ? gpu->model->profiles[i].number == number : gpu->model->profiles[i].id == id)
            return &gpu->model->profiles[i];
    return 0;
}

static int text(char *to, uint length, const char *from)
{
    if (!to)
        return INVALID_ARGUMENT;
    if (strlen(from) + 1 > length)
        return INSUFFICIENT_SIZE;
    strcpy(to, from);
    return OK;
}

#define NEED(condition, code) do { if (!(condition)) return code; } while (0)
#define NEED_INIT() NEED(initialized, UNINITIALIZED)
#define NEED_GPU(gpu, handle) gpu_t *gpu = gpu_of(handle); NEED_INIT(); NEED(gpu, INVALID_ARGUMENT)
#define NEED_MIG(gpu) NEED(gpu->model->width, NOT_SUPPORTED); NEED(privileged, NO_PERMISSION); \
    NEED(gpu->mig, NOT_SUPPORTED)

static int change(void)
{
    if (fail_after >= 0 && fail_after-- == 0)
        return fail_code;
    changes++;
    return OK;
}

/* ---- nvml.h ---- */

int nvmlInit_v2(void)
{
    initialized += init_code == OK; /* counted, as the real one does */
    return init_code;
}

int nvmlShutdown(void)
{
    NEED_INIT();
    initialized--;
    return OK;
}

const char *nvmlErrorString(int code)
{
    switch (code) {
    case OK: return "Success";
    case UNINITIALIZED: return "Uninitialized";
    case INVALID_ARGUMENT: return "Invalid Argument";
    case NOT_SUPPORTED: return "Not Supported";
    case NO_PERMISSION: return "Insufficient Permissions";
    case NOT_FOUND: return "Not Found";
    case INSUFFICIENT_SIZE: return "Insufficient Size";
    case DRIVER_NOT_LOADED: return "Driver Not Loaded";
    case RESET_REQUIRED: return "GPU requires reset";
    case IN_USE: return "In use by another client";
    case INSUFFICIENT_RESOURCES: return "Insufficient Resources";
    case VERSION_MISMATCH: return "Argument version mismatch";
    default: return "Unknown Error";
    }
}

int nvmlSystemGetDriverVersion(char *version, uint length)
{
    NEED_INIT();
    return text(version, length, "550.90.07");
}

int nvmlDeviceGetCount_v2(uint *count)
{
    NEED_INIT();
    *count = gpu_count;
    return OK;
}

int nvmlDeviceGetHandleByIndex_v2(uint index, void **device)
{
    NEED_INIT();
    NEED(index < gpu_count, INVALID_ARGUMENT);
    *device = &gpus[index];
    return OK;
}

int nvmlDeviceGetHandleByUUID(const char *uuid, void **device)
{
    NEED_INIT();
    for (uint i = 0; i < gpu_count; i++)
        if (!strcmp(gpus[i].uuid, uuid)) {
            *device = &gpus[i];
            return OK;
        }
    return NOT_FOUND;
}

int nvmlDeviceGetName(void *device, char *name, uint length)
{
    NEED_GPU(gpu, device);
    return text(name, length, gpu->model->name);
}

int nvmlDeviceGetUUID(void *device, char *uuid, uint length)
{
    instance_t *instance;
    gpu_t *gpu = gpu_of(device);
    NEED_INIT();
    if (gpu)
        return text(uuid, length, gpu->uuid);
    compute_t *compute = compute_of(device, &instance, &gpu);
    NEED(compute, INVALID_ARGUMENT);
    char name[64];
    snprintf(name, sizeof name, "MIG-%08x-0000-5000-8000-%06x%06x", (uint)(gpu - gpus), instance->id, compute->id);
    return text(uuid, length, name);
}

int nvmlDeviceGetMemoryInfo(void *device, memory_t *memory)
{
    NEED_GPU(gpu, device);
    *memory = (memory_t){ gpu->model->memory, gpu->model->memory - 500, 500 };
    return OK;
}

int nvmlDeviceGetPciInfo_v3(void *device, pci_t *pci)
{
    NEED_GPU(gpu, device);
    *pci = gpu->pci;
    return OK;
}

int nvmlDeviceGetCudaComputeCapability(void *device, int *major, int *minor)
{
    NEED_GPU(gpu, device);
    *major = gpu->model->major, *minor = gpu->model->minor;
    return OK;
}

int nvmlDeviceGetMemoryAffinity(void *device, uint count, unsigned long *nodes, uint scope)
{
    NEED_GPU(gpu, device);
    NEED(count && nodes && scope <= 1, INVALID_ARGUMENT);
    NEED(gpu->numa >= 0 && (uint)gpu->numa < 64 * count, NOT_SUPPORTED);
    memset(nodes, 0, count * sizeof *nodes);
    nodes[gpu->numa / 64] = 1UL << gpu->numa % 64;
    return OK;
}

int nvmlDeviceGetComputeRunningProcesses_v3(void *device, uint *count, process_t *processes)
{
    NEED_GPU(gpu, device);
    uint room = *count;
    *count = gpu->pid_count;
    NEED(room >= gpu->pid_count, INSUFFICIENT_SIZE);
    for (uint i = 0; i < gpu->pid_count; i++)
        processes[i] = (process_t){ gpu->pids[i], 1 << 20, ~0u, ~0u };
    return OK;
}

int nvmlDeviceGetMigMode(void *device, uint *current, uint *pending)
{
    NEED_GPU(gpu, device);
    NEED(gpu->model->width, NOT_SUPPORTED);
    *current = gpu->mig, *pending = gpu->mig_pending;
    return OK;
}

int nvmlDeviceSetMigMode(void *device, uint mode, int *activation)
{
    NEED_GPU(gpu, device);
    NEED(gpu->model->width, NOT_SUPPORTED);
    NEED(mode <= 1, INVALID_ARGUMENT);
    NEED(privileged, NO_PERMISSION);
    int used = gpu->pid_count > 0;
    for (uint i = 0; i < INSTANCES; i++)
        used |= gpu->instances[i].live;
    gpu->mig_pending = mode;
    *activation = (uint)gpu->mig == mode ? OK : used ? IN_USE : gpu->activation;
    if (*activation == OK)
        gpu->mig = mode;
    return OK;
}

int nvmlDeviceGetGpuInstanceProfileInfo(void *device, uint number, profile_info_t *info)
{
    NEED_GPU(gpu, device);
    NEED(number < 10, INVALID_ARGUMENT);
    const profile_t *p = profile_of(gpu, number, 0, 1);
    NEED(p, NOT_SUPPORTED);
    *info = (profile_info_t){
        p->id, 0, p->slices, p->max, p->sms, p->slices, p->decode, 0, p->jpeg, p->ofa, p->memory_mb };
    return OK;
}

#ifndef FAKE_OLD
int nvmlDeviceGetGpuInstanceProfileInfoV(void *device, uint number, profile_info_v2_t *info)
{
    NEED_GPU(gpu, device);
    NEED(info->version == (sizeof *info | 2u << 24), VERSION_MISMATCH);
    NEED(number < 10, INVALID_ARGUMENT);
    const profile_t *p = profile_of(gpu, number, 0, 1);
    NEED(p, NOT_SUPPORTED);
    *info = (profile_info_v2_t){ info->version,
        p->id, 0, p->slices, p->max, p->sms, p->slices, p->decode, 0, p->jpeg, p->ofa, p->memory_mb, "" };
    strcpy(info->name, p->name);
    return OK;
}
#endif

int nvmlDeviceGetGpuInstancePossiblePlacements_v2(void *device, uint id, place_t *places, uint *count)
{
    NEED_GPU(gpu, device);
    NEED(gpu->model->width, NOT_SUPPORTED);
    NEED(privileged, NO_PERMISSION);
    const profile_t *p = profile_of(gpu, 0, id, 0);
    NEED(p && count, INVALID_ARGUMENT);
    uint room = *count;
    *count = p->start_count;
    if (!places)
        return OK;
    NEED(room >= p->start_count, INSUFFICIENT_SIZE);
    for (uint i = 0; i < p->start_count; i++)
        places[i] = (place_t){ p->starts[i], p->size };
    return OK;
}

int nvmlDeviceCreateGpuInstanceWithPlacement(void *device, uint id, const place_t *place, void **created)
{
    NEED_GPU(gpu, device);
    NEED_MIG(gpu);
    const profile_t *p = profile_of(gpu, 0, id, 0);
    NEED(p && place && place->size == p->size, INVALID_ARGUMENT);
    int legal = 0;
    for (uint i = 0; i < p->start_count; i++)
        legal |= p->starts[i] == place->start;
    NEED(legal, INVALID_ARGUMENT);
    uint alike = 0, ofa = p->ofa, slices = p->slices, ids = 0;
    instance_t *room = 0;
    for (instance_t *i = gpu->instances; i < gpu->instances + INSTANCES; i++) {
        if (!i->live) {
            room = room ? room : i;
            continue;
        }
        alike += i->profile == p, ofa += i->profile->ofa, slices += i->profile->slices, ids |= 1u << i->id;
        NEED(i->start >= place->start + p->size || place->start >= i->start + i->profile->size,
            INSUFFICIENT_RESOURCES);
    }
    NEED(room && alike < p->max && ofa <= 1 && slices <= (gpu->model->width == 8 ? 7 : gpu->model->width),
        INSUFFICIENT_RESOURCES);
    int failure = change();
    NEED(failure == OK, failure);
    uint free_id = 1;
    while (ids >> free_id & 1)
        free_id++;
    *room = (instance_t){ .live = 1, .id = free_id, .profile = p, .start = place->start };
    *created = room;
    return OK;
}

int nvmlGpuInstanceDestroy(void *handle)
{
    gpu_t *gpu;
    instance_t *instance = instance_of(handle, &gpu);
    NEED_INIT();
    NEED(instance, INVALID_ARGUMENT);
    NEED(privileged, NO_PERMISSION);
    for (uint c = 0; c < COMPUTES; c++)
        NEED(!instance->computes[c].live, IN_USE);
    int failure = change();
    NEED(failure == OK, failure);
    instance->live = 0;
    return OK;
}

int nvmlDeviceGetGpuInstances(void *device, uint id, void **instances, uint *count)
{
    NEED_GPU(gpu, device);
    NEED_MIG(gpu);
    const profile_t *p = profile_of(gpu, 0, id, 0);
    NEED(p, INVALID_ARGUMENT);
    *count = 0;
    for (instance_t *i = gpu->instances; i < gpu->instances + INSTANCES; i++)
        if (i->live && i->profile == p)
            instances[(*count)++] = i;
    return OK;
}

int nvmlDeviceGetGpuInstanceById(void *device, uint id, void **instance)
{
    NEED_GPU(gpu, device);
    NEED_MIG(gpu);
    for (instance_t *i = gpu->instances; i < gpu->instances + INSTANCES; i++)
        if (i->live && i->id == id) {
            *instance = i;
            return OK;
        }
    return NOT_FOUND;
}

int nvmlGpuInstanceGetInfo(void *handle, instance_info_t *info)
{
    gpu_t *gpu;
    instance_t *i = instance_of(handle, &gpu);
    NEED_INIT();
    NEED(i, INVALID_ARGUMENT);
    *info = (instance_info_t){ gpu, i->id, i->profile->id, { i->start, i->profile->size } };
    return OK;
}

static uint computes_that_fit(const profile_t *profile, uint compute_profile)
{
    uint slices = COMPUTE_SLICES[compute_profile];
    return slices > profile->slices ? 0 : slices == 4 && profile->slices == 7 ? 1 : profile->slices / slices;
}

int nvmlGpuInstanceGetComputeInstanceProfileInfo(void *handle, uint number, uint engines, compute_profile_info_t *info)
{
    instance_t *i = instance_of(handle, 0);
    NEED_INIT();
    NEED(i && number < 8 && engines == 0, INVALID_ARGUMENT);
    NEED(number < COMPUTE_PROFILES && computes_that_fit(i->profile, number), NOT_SUPPORTED);
    *info = (compute_profile_info_t){ number, COMPUTE_SLICES[number], computes_that_fit(i->profile, number),
        14 * COMPUTE_SLICES[number], 1, 0, 0, 0, 0 };
    return OK;
}

int nvmlGpuInstanceCreateComputeInstance(void *handle, uint profile, void **created)
{
    instance_t *i = instance_of(handle, 0);
    NEED_INIT();
    NEED(i && profile < COMPUTE_PROFILES && computes_that_fit(i->profile, profile), INVALID_ARGUMENT);
    NEED(privileged, NO_PERMISSION);
    uint used = 0, free_at = COMPUTES;
    for (uint c = COMPUTES; c-- > 0;)
        if (i->computes[c].live)
            used += COMPUTE_SLICES[i->computes[c].profile];
        else
            free_at = c;
    NEED(free_at < COMPUTES && used + COMPUTE_SLICES[profile] <= i->profile->slices, INSUFFICIENT_RESOURCES);
    int failure = change();
    NEED(failure == OK, failure);
    i->computes[free_at] = (compute_t){ 1, free_at, profile, used };
    *created = &i->computes[free_at];
    return OK;
}

int nvmlComputeInstanceDestroy(void *handle)
{
    gpu_t *gpu;
    instance_t *instance;
    compute_t *compute = compute_of(handle, &instance, &gpu);
    NEED_INIT();
    NEED(compute, INVALID_ARGUMENT);
    NEED(privileged, NO_PERMISSION);
    NEED(!instance->pid, IN_USE);
    int failure = change();
    NEED(failure == OK, failure);
    compute->live = 0;
    return OK;
}

int nvmlGpuInstanceGetComputeInstances(void *handle, uint profile, void **computes, uint *count)
{
    instance_t *i = instance_of(handle, 0);
    NEED_INIT();
    NEED(i && profile < COMPUTE_PROFILES, INVALID_ARGUMENT);
    NEED(privileged, NO_PERMISSION);
    *count = 0;
    for (compute_t *c = i->computes; c < i->computes + COMPUTES; c++)
        if (c->live && c->profile == profile)
            computes[(*count)++] = c;
    return OK;
}

int nvmlGpuInstanceGetComputeInstanceById(void *handle, uint id, void **compute)
{
    instance_t *i = instance_of(handle, 0);
    NEED_INIT();
    NEED(i, INVALID_ARGUMENT);
    NEED(id < COMPUTES && i->computes[id].live, NOT_FOUND);
    *compute = &i->computes[id];
    return OK;
}

int nvmlComputeInstanceGetInfo_v2(void *handle, compute_info_t *info)
{
    gpu_t *gpu;
    instance_t *instance;
    compute_t *c = compute_of(handle, &instance, &gpu);
    NEED_INIT();
    NEED(c, INVALID_ARGUMENT);
    *info = (compute_info_t){ gpu, instance, c->id, c->profile, { c->start, COMPUTE_SLICES[c->profile] } };
    return OK;
}

int nvmlDeviceGetMaxMigDeviceCount(void *device, uint *count)
{
    NEED_GPU(gpu, device);
    *count = gpu->model->width ? INSTANCES * COMPUTES : 0;
    return OK;
}

int nvmlDeviceGetMigDeviceHandleByIndex(void *device, uint index, void **mig)
{
    NEED_GPU(gpu, device);
    NEED(gpu->model->width, NOT_SUPPORTED);
    NEED(index < INSTANCES * COMPUTES, INVALID_ARGUMENT);
    instance_t *i = &gpu->instances[index / COMPUTES];
    NEED(i->live && i->computes[index % COMPUTES].live, NOT_FOUND);
    *mig = &i->computes[index % COMPUTES];
    return OK;
}

int nvmlDeviceGetGpuInstanceId(void *mig, uint *id)
{
    gpu_t *gpu;
    instance_t *instance;
    NEED_INIT();
    NEED(compute_of(mig, &instance, &gpu), INVALID_ARGUMENT);
    *id = instance->id;
    return OK;
}

int nvmlDeviceGetComputeInstanceId(void *mig, uint *id)
{
    gpu_t *gpu;
    instance_t *instance;
    compute_t *compute = compute_of(mig, &instance, &gpu);
    NEED_INIT();
    NEED(compute, INVALID_ARGUMENT);
    *id = compute->id;
    return OK;
}
