/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/core/env.h"

void
env_stop(struct env *env)
{
	env->stopped = true;
}

int
env_random(struct env *env, void *out, size_t len)
{
	if (!env->stopped && env->ops->random(env->ctx, out, len) < 0)
		env_stop(env);
	return env->stopped ? -EIO : 0;
}
