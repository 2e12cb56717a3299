/* A codec for every test of a program: made before it, freed after it. */
#ifndef TESTS_MODELS_CODEC_FIXTURE_H
#define TESTS_MODELS_CODEC_FIXTURE_H

#include "models/codec/codec.h"
#include "tests/support/suite.h"

static struct codec *codec;

static void
setup(void)
{
	struct pce_error err = { 0 };

	ck_assert_msg(codec_new(NULL, &codec, &err) == PCE_OK, "%s", err.text);
}

static void
teardown(void)
{
	codec_free(codec);
}

#define ck_ok(call, err)                                                                           \
	ck_assert_msg((call) == PCE_OK, "seed %u: %s: %s", seed, (err).path, (err).text)

#endif
