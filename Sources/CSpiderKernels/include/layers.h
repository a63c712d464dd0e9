#ifndef SPIDER_LAYERS_H
#define SPIDER_LAYERS_H
#endif
