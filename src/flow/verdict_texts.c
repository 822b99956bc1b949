/* verdict_texts - the texts of verdicts, each made once for many answers. */
#include "flow/verdict_texts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nps/decide.h"
#include "nps/silence.h"

enum {
	PLACES = 64,		     /* a power of two */
	TEXT_LIMIT_BYTES = 8 * 1024, /* a longer one is not remembered */
};

/* All that a text tells of one rule, where it tells of no error. */
struct brief {
	uint32_t end;
	uint32_t matcher; /* that failed, or the row of a silence */
};

struct place {
	char *text; /* NULL: free */
	struct brief *briefs;
};

struct verdict_texts {
	const struct rules *rules;
	struct brief *briefs; /* of the answer asked for */
	char *rare;	      /* the last one that is not remembered */
	struct place places[PLACES];
};

struct verdict_texts *
verdict_texts_new(const struct rules *rules)
{
	struct verdict_texts *texts = mem_new(1, sizeof(*texts));

	texts->rules = rules;
	texts->briefs = mem_new(rules->count + 1, sizeof(struct brief));
	return texts;
}

static void
place_done(struct place *place)
{
	free(place->text);
	free(place->briefs);
	*place = (struct place){NULL, NULL};
}

void
verdict_texts_free(struct verdict_texts *texts)
{
	if (texts == NULL)
		return;
	for (size_t i = 0; i < PLACES; i++)
		place_done(&texts->places[i]);
	free(texts->briefs);
	free(texts->rare);
	free(texts);
}

/* False: there is more to tell. */
static bool
make_briefs(struct verdict_texts *texts, const struct verdict *verdicts)
{
	for (size_t i = 0; i < texts->rules->count; i++) {
		const struct verdict *verdict = &verdicts[i];

		if (verdict->when_failed || verdict->tripped ||
			verdict->end == VERDICT_COOLDOWN)
			return false;
		texts->briefs[i] = (struct brief){
			.end = verdict->end,
			.matcher = verdict->end == VERDICT_NO_MATCH
					   ? (uint32_t)verdict->matcher
				   : verdict->end == VERDICT_SILENCED
					   ? (uint32_t)verdict->silence->row
					   : 0,
		};
	}
	return true;
}

static struct place *
place_of(struct verdict_texts *texts)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < texts->rules->count; i++)
		hash = (hash ^ texts->briefs[i].end ^
			       (uint64_t)texts->briefs[i].matcher << 8) *
		       UINT64_C(0x9e3779b97f4a7c15);
	return &texts->places[(hash >> 32) % PLACES];
}

const char *
verdict_texts_of(struct verdict_texts *texts, const struct verdict *verdicts)
{
	size_t bytes = texts->rules->count * sizeof(struct brief);
	struct place *place;

	free(texts->rare);
	texts->rare = NULL;
	if (!make_briefs(texts, verdicts))
		return texts->rare = verdicts_text(texts->rules, verdicts);
	place = place_of(texts);
	if (place->text != NULL &&
		memcmp(place->briefs, texts->briefs, bytes) == 0)
		return place->text;
	char *text = verdicts_text(texts->rules, verdicts);

	if (strlen(text) > TEXT_LIMIT_BYTES)
		return texts->rare = text;
	place_done(place);
	place->text = text;
	place->briefs = mem_new(texts->rules->count + 1, sizeof(struct brief));
	memcpy(place->briefs, texts->briefs, bytes);
	return text;
}
