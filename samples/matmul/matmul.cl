// C = A * B for square matrices of SIZE rows, row by row. A and B are made of random numbers on the device, so that the
// job's document stays small; the sample makes the same numbers when it checks the result.

// Mixes the bits of x: each bit of the result depends on each of x.
uint mix(uint x)
{
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return x;
}

// A multiple of 1/128 from -1 to 1: a float holds it exactly.
kernel void make(global float* matrix, uint seed)
{
    uint i = get_global_id(0);
    matrix[i] = (float)(int)(mix(mix(seed) + i) >> 24) / 128.0f - 1.0f;
}

// Each work-item takes 4 rows and 8 columns of C: 32 multiplications for 12 numbers read.
kernel void multiply(global const float* a, global const float* b, global float* c)
{
    uint column = get_global_id(0) * 8;
    uint row = get_global_id(1) * 4;
    float8 sum0 = 0.0f;
    float8 sum1 = 0.0f;
    float8 sum2 = 0.0f;
    float8 sum3 = 0.0f;
    for (uint k = 0; k < SIZE; k++)
    {
        float8 right = vload8(0, b + k * SIZE + column);
        sum0 += a[(row + 0) * SIZE + k] * right;
        sum1 += a[(row + 1) * SIZE + k] * right;
        sum2 += a[(row + 2) * SIZE + k] * right;
        sum3 += a[(row + 3) * SIZE + k] * right;
    }

    vstore8(sum0, 0, c + (row + 0) * SIZE + column);
    vstore8(sum1, 0, c + (row + 1) * SIZE + column);
    vstore8(sum2, 0, c + (row + 2) * SIZE + column);
    vstore8(sum3, 0, c + (row + 3) * SIZE + column);
}
