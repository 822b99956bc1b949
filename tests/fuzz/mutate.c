/* mutate - one to six small changes to an input of the corpus. */
#include "mutate.h"

#include <stdlib.h>
#include <string.h>

/* Bytes that readers of text stumble over. */
static const char odd_bytes[] = "\0\"\\{}[],:;=&%+-_.\r\n\t 019aZ\x7f\x80\xc0"
				"\xe2\xff<>()@#/'";

static size_t
below(unsigned int *seed, size_t limit)
{
	size_t number = (size_t)rand_r(seed) << 16 ^ (size_t)rand_r(seed);

	return limit ? number % limit : 0;
}

static void
put_bytes(struct input *input, size_t at, const uint8_t *bytes, size_t size)
{
	uint8_t *data;

	if (input->size + size > MUTATE_LIMIT_BYTES)
		return;
	data = malloc(input->size + size + 1);
	if (!data)
		abort();
	memcpy(data, input->data, at);
	memcpy(data + at, bytes, size);
	memcpy(data + at + size, input->data + at, input->size - at);
	free(input->data);
	input->data = data;
	input->size += size;
}

static void
cut_bytes(struct input *input, size_t at, size_t size)
{
	memmove(input->data + at, input->data + at + size,
		input->size - at - size);
	input->size -= size;
}

static void
double_bytes(struct input *input, size_t at, size_t size)
{
	uint8_t *copy = malloc(size + 1);

	if (!copy)
		abort();
	memcpy(copy, input->data + at, size);
	put_bytes(input, at, copy, size);
	free(copy);
}

static void
splice(struct input *input, size_t at, const struct input *other,
	unsigned int *seed)
{
	size_t from = below(seed, other->size + 1);
	size_t size = below(seed, other->size - from + 1);

	put_bytes(input, at, other->data + from, size);
}

static void
step(struct input *input, const struct corpus *corpus, unsigned int *seed)
{
	size_t at = below(seed, input->size + 1);
	size_t left = input->size - at;
	size_t size = below(seed, left < 32 ? left + 1 : 32);
	uint8_t odd = (uint8_t)odd_bytes[below(seed, sizeof(odd_bytes) - 1)];

	switch (below(seed, 7)) {
	case 0:
		if (left)
			input->data[at] ^= (uint8_t)(1U << below(seed, 8));
		break;
	case 1:
		if (left)
			input->data[at] = odd;
		break;
	case 2:
		put_bytes(input, at, &odd, 1);
		break;
	case 3:
		cut_bytes(input, at, size);
		break;
	case 4:
		double_bytes(input, at, size);
		break;
	case 5:
		splice(input, at, &corpus->inputs[below(seed, corpus->count)],
			seed);
		break;
	default: /* the end is what most readers get wrong */
		cut_bytes(input, at, left);
		break;
	}
}

struct input
mutate(const struct corpus *corpus, unsigned int *seed)
{
	const struct input *from = &corpus->inputs[below(seed, corpus->count)];
	struct input input = {malloc(from->size + 1), from->size};
	size_t steps = 1 + below(seed, MUTATE_STEPS);

	if (!input.data)
		abort();
	memcpy(input.data, from->data, from->size);
	for (size_t i = 0; i < steps; i++)
		step(&input, corpus, seed);
	return input;
}
