#ifndef SPIDER_CPNG_H
#define SPIDER_CPNG_H
#endif
