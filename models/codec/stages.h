/* The stages of a move, which policies and their events both show. Internal to the codec. */
#ifndef MODELS_CODEC_STAGES_H
#define MODELS_CODEC_STAGES_H

#include "models/codec/internal.h"
#include "pce/operate/alarm.h"
#include "pce/service/effect.h"

/* Emits container stage: times from the cause; nothing while the cause is not known. */
void stages_emit(struct emit *e, const struct service_stages *stages);

/* Emits the members of grouping alarm-attributes. */
void alarm_emit(struct emit *e, const struct alarm *alarm);

#endif
