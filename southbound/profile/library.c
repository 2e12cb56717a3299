#include "southbound/profile/library.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

struct shelf {
	const char *file; /* NULL: built in */
	struct profile *profile;
};

struct profile_library {
	const char *yang_path;
	struct codec *codec; /* made for the first file */
	struct arena arena; /* of the tables that were read */
	struct shelf *shelves;
	size_t n, cap;
};

enum pce_status
profile_library_new(const char *yang_path, struct profile_library **out, struct pce_error *err)
{
	struct profile_library *library = calloc(1, sizeof *library);

	if (library == NULL)
		return pce_no_memory(err);
	library->yang_path = yang_path;
	*out = library;
	return PCE_OK;
}

void
profile_library_free(struct profile_library *library)
{
	if (library == NULL)
		return;
	for (size_t i = 0; i < library->n; i++)
		profile_free(library->shelves[i].profile);
	free(library->shelves);
	codec_free(library->codec);
	arena_free(&library->arena);
	free(library);
}

/* The table that a profile of the configuration names. */
static enum pce_status
find_table(const struct codec *codec, const struct config_profile *config, struct arena *arena,
	   const struct profile_table **out, struct pce_error *err)
{
	const char *name = config->model ? config->model : "karst";

	if (config->model_file != NULL)
		return codec_profile_read(codec, config->model_file, arena, out, err);
	*out = profile_table_builtin(name);
	return *out ? PCE_OK
		    : pce_fail(err, PCE_NOT_FOUND, "profile %s: there is no model %s", config->name,
			       name);
}

/* A profile of a table; faults name the file. */
static enum pce_status
make(const struct config_profile *config, const struct profile_table *table, struct profile **out,
     struct pce_error *err)
{
	enum pce_status status = profile_new(table, out, err);

	return status && config->model_file ? codec_name_file(err, status, config->model_file)
					    : status;
}

static enum pce_status
add(struct profile_library *library, const struct config_profile *config,
    const struct profile_table *table, const struct profile **out, struct pce_error *err)
{
	enum pce_status status = array_reserve(&library->shelves, &library->cap, library->n + 1,
					       sizeof *library->shelves, err);
	struct shelf *shelf;

	if (status)
		return status;
	shelf = &library->shelves[library->n];
	*shelf = (struct shelf){ .file = config->model_file };
	status = make(config, table, &shelf->profile, err);
	if (status)
		return status;
	*out = shelf->profile;
	library->n++;
	return PCE_OK;
}

enum pce_status
profile_library_get(struct profile_library *library, const struct config_profile *config,
		    const struct profile **out, struct pce_error *err)
{
	const struct profile_table *table = NULL;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < library->n; i++)
		if (config->model_file != NULL && library->shelves[i].file != NULL &&
		    strcmp(library->shelves[i].file, config->model_file) == 0) {
			*out = library->shelves[i].profile;
			return PCE_OK;
		}
	if (config->model_file != NULL && library->codec == NULL)
		status = codec_new(library->yang_path, &library->codec, err);
	if (status == PCE_OK)
		status = find_table(library->codec, config, &library->arena, &table, err);
	if (status)
		return status;
	for (size_t i = 0; i < library->n; i++)
		if (profile_table(library->shelves[i].profile) == table) {
			*out = library->shelves[i].profile;
			return PCE_OK;
		}
	return add(library, config, table, out, err);
}

enum pce_status
profile_examine(const struct codec *codec, const struct config_profile *config, const char *folders,
		struct text *notice, struct pce_error *err)
{
	const struct profile_table *table = NULL;
	const char *lacking = NULL;
	struct profile *profile = NULL;
	struct arena arena = { 0 };
	enum pce_status status = find_table(codec, config, &arena, &table, err);

	if (status == PCE_OK)
		status = make(config, table, &profile, err);
	if (status == PCE_OK && folders != NULL) {
		status = codec_profile_check(table, folders, &lacking, err);
		if (status && config->model_file != NULL)
			status = codec_name_file(err, status, config->model_file);
	}
	if (status == PCE_OK && (folders == NULL || lacking != NULL))
		text_printf(notice,
			    "profile %s was not compared with the router's YANG: module %s is not "
			    "in %s, so a wrong path shows only when a router refuses it",
			    table->name, lacking ? lacking : table->modules[0].name,
			    folders ? folders : "any folder");
	profile_free(profile);
	arena_free(&arena);
	return status == PCE_OK && !text_ok(notice) ? pce_no_memory(err) : status;
}

const char *
profile_headend(const struct config_device *device)
{
	struct ip_addr addr;

	return device->node && ip_parse(device->node, &addr, NULL) == PCE_OK ? device->node : NULL;
}
