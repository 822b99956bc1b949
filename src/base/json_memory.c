/* json_memory - where JSON values live. */
#include "base/json_memory.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WATCHED 1
#endif
#endif
#ifndef WATCHED
#define WATCHED 0
#endif

enum {
	CHUNK_BYTES = 64 * 1024,
	PIECE_ALIGNMENT = 16,
	PIECE_LIMIT_BYTES = CHUNK_BYTES / 4, /* a larger one has its own */
	CHUNKS_KEPT = 16,		     /* spare ones of a thread */
	/* Stands in `live` for the thread that still cuts from the chunk. */
	CHUNK_IN_USE = 1 << 30,
};

struct chunk {
	_Alignas(PIECE_ALIGNMENT) atomic_int live; /* pieces not freed */
	struct chunk *next;			   /* of spare ones */
};

/* What one thread cuts from. */
struct cutter {
	struct chunk *chunk;
	size_t used;
	int pieces; /* cut from it so far */
	struct chunk *spare;
	int spares;
};
static _Thread_local struct cutter cutter;

static struct chunk *
chunk_of(void *piece)
{
	return (struct chunk *)((uintptr_t)piece &
				~(uintptr_t)(CHUNK_BYTES - 1));
}

static struct chunk *
chunk_new(size_t bytes)
{
	size_t whole = (bytes + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES;
	struct chunk *chunk = aligned_alloc(CHUNK_BYTES, whole);

	if (chunk == NULL)
		mem_out();
	return chunk;
}

static void
chunk_free(struct chunk *chunk)
{
	if (cutter.spares == CHUNKS_KEPT) {
		free(chunk);
		return;
	}
	chunk->next = cutter.spare;
	cutter.spare = chunk;
	cutter.spares++;
}

static struct chunk *
chunk_spare(void)
{
	struct chunk *chunk = cutter.spare;

	if (chunk == NULL)
		return chunk_new(CHUNK_BYTES);
	cutter.spare = chunk->next;
	cutter.spares--;
	return chunk;
}

/* The chunk is used up: from now on its pieces alone hold it. */
static void
retire(void)
{
	struct chunk *chunk = cutter.chunk;
	int change = CHUNK_IN_USE - cutter.pieces;

	if (chunk != NULL && atomic_fetch_sub(&chunk->live, change) == change)
		chunk_free(chunk);
	cutter.chunk = chunk_spare();
	atomic_store(&cutter.chunk->live, CHUNK_IN_USE);
	cutter.used = sizeof(struct chunk);
	cutter.pieces = 0;
}

static void *
large_new(size_t size)
{
	struct chunk *chunk = chunk_new(sizeof(*chunk) + size);

	/* Not kept as a spare: its size is its own. */
	atomic_init(&chunk->live, -1);
	return chunk + 1;
}

void *
json_memory_new(size_t size)
{
	size_t whole =
		(size + PIECE_ALIGNMENT - 1) & ~(size_t)(PIECE_ALIGNMENT - 1);
	void *piece;

	if (WATCHED)
		return mem_grow(NULL, 1, size);
	if (whole > PIECE_LIMIT_BYTES)
		return large_new(size);
	if (cutter.chunk == NULL || cutter.used + whole > CHUNK_BYTES)
		retire();
	piece = (char *)cutter.chunk + cutter.used;
	cutter.used += whole;
	cutter.pieces++;
	return piece;
}

void
json_memory_free(void *piece)
{
	struct chunk *chunk = chunk_of(piece);

	if (WATCHED) {
		free(piece);
		return;
	}
	if (piece == NULL)
		return;
	if (atomic_load_explicit(&chunk->live, memory_order_relaxed) == -1)
		free(chunk);
	else if (atomic_fetch_sub(&chunk->live, 1) == 1)
		chunk_free(chunk);
}

void
json_memory_init(void)
{
	json_set_alloc_funcs(json_memory_new, json_memory_free);
	/* Objects are hashed with a random seed from the first one on. */
	json_object_seed(0);
}
