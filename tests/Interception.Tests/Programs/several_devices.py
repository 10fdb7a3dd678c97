"""A context of all devices with PyOpenCL: an array goes back and forth between them."""
import numpy as np
import pyopencl as cl

devices = cl.get_platforms()[0].get_devices()
context = cl.Context(devices)
queues = [cl.CommandQueue(context, device) for device in devices]
program = cl.Program(
    context, "kernel void advance(global float *v, const global float *by) { int i = get_global_id(0); v[i] += by[i]; }"
).build()
by = np.arange(10000, dtype=np.float32)
values = np.zeros_like(by)
flags = cl.mem_flags
held = cl.Buffer(context, flags.READ_WRITE | flags.COPY_HOST_PTR, hostbuf=values)
steps = cl.Buffer(context, flags.READ_ONLY | flags.COPY_HOST_PTR, hostbuf=by)
event = None
for round in range(50):
    event = program.advance(
        queues[round % len(queues)], values.shape, None, held, steps, wait_for=[event] if event else None)
cl.enqueue_copy(queues[0], values, held, wait_for=[event])
assert (values == 50 * by).all()
print(f"{len(devices)} devices, 50 rounds, right")
