/*
 * mutate - new inputs of old ones: bits, bytes and stretches changed, cut out,
 * doubled, or taken from another. Blind: it does not see what an input reaches.
 */
#ifndef NPSD_FUZZ_MUTATE_H
#define NPSD_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

enum { MUTATE_LIMIT_BYTES = 128 * 1024, MUTATE_STEPS = 6 };

struct input {
	uint8_t *data; /* owned by whoever holds the input */
	size_t size;
};
struct corpus {
	struct input *inputs;
	size_t count; /* at least one for mutate */
};

/* A new input; the caller frees its data. seed is that of rand_r. */
struct input mutate(const struct corpus *corpus, unsigned int *seed);

#endif
