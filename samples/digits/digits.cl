// A network of two layers, PIXELS -> HIDDEN -> CLASSES, trained with Adam on mini-batches of BATCH images.
//
// Every number has one work-item that computes it, and every sum is taken by one work-item in a fixed order. There are
// no atomics, so the result depends on nothing but the inputs and the seed.
//
// All parameters lie in one array, so that a single kernel updates them: the weights of the first layer (PIXELS rows
// of HIDDEN), its biases, the weights of the second layer (HIDDEN rows of CLASSES), its biases.

#define BIASES1 (PIXELS * HIDDEN)
#define WEIGHTS2 (BIASES1 + HIDDEN)
#define BIASES2 (WEIGHTS2 + HIDDEN * CLASSES)
#define SIDE 8

// How far a training image is turned (radians), stretched, slanted and shifted (pixels) at most.
#define TURN 0.3f
#define STRETCH 0.15f
#define SLANT 0.2f
#define SHIFT 0.7f

#define LEARNING_RATE 0.003f
#define DECAY 0.01f
#define BETA1 0.9f
#define BETA2 0.999f

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

// The index-th random number of a stream, evenly spread over -1 to 1.
float spread(uint stream, uint index)
{
    return (float)(mix(mix(stream) + index) >> 8) / 8388608.0f - 1.0f;
}

// Weights evenly spread over a width that keeps the variance of a layer's sums; biases 0.
kernel void initialise(global float* parameters, uint seed)
{
    uint i = get_global_id(0);
    float width = i < BIASES1 ? sqrt(6.0f / PIXELS) : sqrt(6.0f / HIDDEN);
    bool is_bias = (i >= BIASES1 && i < WEIGHTS2) || i >= BIASES2;
    parameters[i] = is_bias ? 0.0f : width * spread(seed, i);
}

// Puts the training images into a random order: each finds its rank among random keys.
kernel void draw_order(global ushort* order, uint seed, uint epoch)
{
    uint i = get_global_id(0);
    uint stream = mix(seed + 1) + epoch;
    uint key = mix(mix(stream) + i);
    uint rank = 0;
    for (uint j = 0; j < TRAINING; j++)
    {
        uint other = mix(mix(stream) + j);
        rank += other < key || (other == key && j < i);
    }

    order[rank] = (ushort)i;
}

// One pixel of an image between pixels; 0 outside.
float sample(global const uchar* image, float x, float y)
{
    int left = (int)floor(x);
    int top = (int)floor(y);
    float sum = 0.0f;
    for (int row = top; row <= top + 1; row++)
    {
        for (int column = left; column <= left + 1; column++)
        {
            if (row >= 0 && row < SIDE && column >= 0 && column < SIDE)
            {
                float weight = (1.0f - fabs(x - column)) * (1.0f - fabs(y - row));
                sum += weight * image[row * SIDE + column] / 16.0f;
            }
        }
    }

    return sum;
}

// The images of a mini-batch, each a little turned, stretched, slanted and shifted, differently in every epoch: the
// held-out digits were written by other people than the training digits.
kernel void load_batch(
    global const uchar* images, global const ushort* order, global float* batch, uint seed, uint epoch, uint first)
{
    uint pixel = get_global_id(0);
    uint slot = get_global_id(1);
    uint image = order[first + slot];
    uint stream = mix(seed + 2) + epoch * TRAINING + image;
    float angle = TURN * spread(stream, 0);
    float across = 1.0f + STRETCH * spread(stream, 1);
    float down = 1.0f + STRETCH * spread(stream, 2);
    float slant = SLANT * spread(stream, 3);
    float x = (float)(pixel % SIDE) - 3.5f;
    float y = (float)(pixel / SIDE) - 3.5f;
    float from_x = across * (cos(angle) * x - sin(angle) * y) + slant * y + SHIFT * spread(stream, 4);
    float from_y = down * (sin(angle) * x + cos(angle) * y) + SHIFT * spread(stream, 5);
    batch[slot * PIXELS + pixel] = sample(images + image * PIXELS, from_x + 3.5f, from_y + 3.5f);
}

// The held-out images as they are.
kernel void load_held_out(global const uchar* images, global float* batch)
{
    uint i = get_global_id(0);
    batch[i] = images[TRAINING * PIXELS + i] / 16.0f;
}

// First layer: weighted sums, negative ones cut to 0.
kernel void forward_hidden(global const float* batch, global const float* parameters, global float* hidden)
{
    uint unit = get_global_id(0);
    uint slot = get_global_id(1);
    float sum = parameters[BIASES1 + unit];
    for (uint pixel = 0; pixel < PIXELS; pixel++)
    {
        sum += batch[slot * PIXELS + pixel] * parameters[pixel * HIDDEN + unit];
    }

    hidden[slot * HIDDEN + unit] = fmax(sum, 0.0f);
}

// Second layer: the sum for each class.
kernel void forward_classes(global const float* hidden, global const float* parameters, global float* sums)
{
    uint class = get_global_id(0);
    uint slot = get_global_id(1);
    float sum = parameters[BIASES2 + class];
    for (uint unit = 0; unit < HIDDEN; unit++)
    {
        sum += hidden[slot * HIDDEN + unit] * parameters[WEIGHTS2 + unit * CLASSES + class];
    }

    sums[slot * CLASSES + class] = sum;
}

// Softmax and cross-entropy: turns the sums into their gradients, and adds the loss to the slot's own total.
kernel void compare(
    global float* sums, global const uchar* labels, global const ushort* order, global float* losses, uint first)
{
    uint slot = get_global_id(0);
    global float* mine = sums + slot * CLASSES;
    uint label = labels[order[first + slot]];
    float largest = mine[0];
    for (uint class = 1; class < CLASSES; class++)
    {
        largest = fmax(largest, mine[class]);
    }

    float total = 0.0f;
    for (uint class = 0; class < CLASSES; class++)
    {
        total += exp(mine[class] - largest);
    }

    losses[slot] += log(total) + largest - mine[label];
    for (uint class = 0; class < CLASSES; class++)
    {
        float probability = exp(mine[class] - largest) / total;
        mine[class] = (probability - (class == label ? 1.0f : 0.0f)) / BATCH;
    }
}

// The gradient at the first layer's sums.
kernel void backward_hidden(
    global const float* hidden, global const float* parameters, global const float* gradients,
    global float* hidden_gradients)
{
    uint unit = get_global_id(0);
    uint slot = get_global_id(1);
    float sum = 0.0f;
    for (uint class = 0; class < CLASSES; class++)
    {
        sum += gradients[slot * CLASSES + class] * parameters[WEIGHTS2 + unit * CLASSES + class];
    }

    hidden_gradients[slot * HIDDEN + unit] = hidden[slot * HIDDEN + unit] > 0.0f ? sum : 0.0f;
}

// The gradient of one parameter over the mini-batch. A bias is a weight whose input is 1.
float gradient_of(
    uint i, global const float* batch, global const float* hidden, global const float* gradients,
    global const float* hidden_gradients)
{
    float sum = 0.0f;
    if (i < WEIGHTS2)
    {
        uint pixel = i / HIDDEN;
        uint unit = i % HIDDEN;
        for (uint slot = 0; slot < BATCH; slot++)
        {
            float input = i < BIASES1 ? batch[slot * PIXELS + pixel] : 1.0f;
            sum += input * hidden_gradients[slot * HIDDEN + unit];
        }
    }
    else
    {
        uint unit = (i - WEIGHTS2) / CLASSES;
        uint class = (i - WEIGHTS2) % CLASSES;
        for (uint slot = 0; slot < BATCH; slot++)
        {
            float input = i < BIASES2 ? hidden[slot * HIDDEN + unit] : 1.0f;
            sum += input * gradients[slot * CLASSES + class];
        }
    }

    return sum;
}

// Adam with decoupled weight decay; the learning rate falls along a cosine to 0.
kernel void update(
    global const float* batch, global const float* hidden, global const float* gradients,
    global const float* hidden_gradients, global float* parameters, global float* momentum, global float* variance,
    uint round)
{
    uint i = get_global_id(0);
    float gradient = gradient_of(i, batch, hidden, gradients, hidden_gradients);
    float rate = LEARNING_RATE * 0.5f * (1.0f + cos(M_PI_F * round / ROUNDS));
    momentum[i] = BETA1 * momentum[i] + (1.0f - BETA1) * gradient;
    variance[i] = BETA2 * variance[i] + (1.0f - BETA2) * gradient * gradient;
    float mean = momentum[i] / (1.0f - pow(BETA1, (float)(round + 1)));
    float square = variance[i] / (1.0f - pow(BETA2, (float)(round + 1)));
    parameters[i] -= rate * (mean / (sqrt(square) + 1e-8f) + DECAY * parameters[i]);
}

// The class with the largest sum, for each held-out image.
kernel void decide(global const float* sums, global uchar* predictions)
{
    uint slot = get_global_id(0);
    uint best = 0;
    for (uint class = 1; class < CLASSES; class++)
    {
        if (sums[slot * CLASSES + class] > sums[slot * CLASSES + best])
        {
            best = class;
        }
    }

    predictions[slot] = (uchar)best;
}

// Ends an epoch: its mean loss, and the share of held-out digits that are recognised. One work-item, fixed order.
kernel void summarise(
    global const float* losses, global const uchar* predictions, global const uchar* labels,
    global float* loss_curve, global float* accuracy_curve, uint epoch)
{
    float loss = 0.0f;
    for (uint slot = 0; slot < BATCH; slot++)
    {
        loss += losses[slot];
    }

    uint right = 0;
    for (uint i = 0; i < HELD_OUT; i++)
    {
        right += predictions[i] == labels[TRAINING + i];
    }

    loss_curve[epoch] = loss / (BATCH * BATCHES);
    accuracy_curve[epoch] = (float)right / HELD_OUT;
}
