/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/registry.h"

#include "card/core/identity.h"
#include "card/management/management.h"
#include "card/piv/piv.h"

static const struct app_ops *const registry_apps[] = {
    &management_app,
    &piv_app,
};

enum { REGISTRY_APPS = sizeof(registry_apps) / sizeof(registry_apps[0]) };

/* Of applications that this version does not know, too. */
static int
registry_delete_all(struct env *env)
{
	int rc = 0;

	for (unsigned app = 1; app <= UINT8_MAX && rc == 0; app++)
		rc = store_delete_app(env->store, (uint8_t)app);
	return rc;
}

static int
registry_write(struct env *env, const char *name)
{
	int rc;

	rc = registry_delete_all(env);
	if (rc == 0)
		rc = identity_format(env, name);
	for (size_t i = 0; i < REGISTRY_APPS && rc == 0; i++)
		if (registry_apps[i]->format != NULL)
			rc = registry_apps[i]->format(env);
	return rc;
}

int
registry_format(struct env *env, const char *name)
{
	int rc;

	rc = store_begin(env->store);
	if (rc < 0)
		return rc;
	rc = registry_write(env, name);
	if (rc == 0)
		return store_commit(env->store);
	store_rollback(env->store);
	return rc;
}

int
registry_card(struct env *env, struct card **out)
{
	return card_new(registry_apps, REGISTRY_APPS, env, out);
}
