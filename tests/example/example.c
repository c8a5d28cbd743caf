/* Two compiled models in one C program: what a user of generated code writes. Both
   run at the same time, each on a thread of its own. */

#include "digits.h"
#include "resnet8.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static int check(const char *what, octet_status status) {
  if (status == OCTET_OK)
    return 0;
  fprintf(stderr, "example: error: %s: %s\n", what, digits_status_message(status));
  return 1;
}

/* Scores must be probabilities, whatever the picture. */
static int check_sum(const char *what, double sum) {
  printf("%s: probabilities add up to %.6f\n", what, sum);
  return fabs(sum - 1.0) > 0.02;
}

static void *run_digits(void *argument) {
  static float image[DIGITS_INPUT_0_ELEMENTS];
  float scores[DIGITS_OUTPUT_0_ELEMENTS];
  octet_context *context;
  int *failures = argument;
  for (int i = 0; i < DIGITS_INPUT_0_ELEMENTS; ++i)
    image[i] = (float)(i % 29) / 29.0f;
  if ((*failures = check("digits", digits_create(NULL, &context))))
    return NULL;
  *failures = check("digits", digits_run(context, image, scores));
  digits_destroy(context);
  double sum = 0;
  for (int i = 0; i < DIGITS_OUTPUT_0_ELEMENTS; ++i)
    sum += exp(scores[i]); /* the model ends in a LogSoftmax */
  *failures += check_sum("digits", sum);
  return NULL;
}

static void *run_resnet8(void *argument) {
  static float image[RESNET8_INPUT_0_ELEMENTS];
  float scores[2][RESNET8_OUTPUT_0_ELEMENTS];
  int *failures = argument;
  for (int i = 0; i < RESNET8_INPUT_0_ELEMENTS; ++i)
    image[i] = (float)(i * 7 % 256);
  /* The same scores from one thread and from two. */
  for (uint32_t threads = 1; threads <= 2; ++threads) {
    const octet_options options = {threads, 0};
    octet_context *context;
    if ((*failures = check("resnet8", resnet8_create(&options, &context))))
      return NULL;
    *failures = check("resnet8", resnet8_run(context, image, scores[threads - 1]));
    resnet8_destroy(context);
    if (*failures)
      return NULL;
  }
  double sum = 0;
  for (int i = 0; i < RESNET8_OUTPUT_0_ELEMENTS; ++i)
    sum += scores[0][i];
  *failures = check_sum("resnet8", sum) + (memcmp(scores[0], scores[1], sizeof scores[0]) != 0);
  return NULL;
}

int main(void) {
  int failures[2] = {0, 0};
  pthread_t thread;
  if (pthread_create(&thread, NULL, run_digits, &failures[0]) != 0)
    return 1;
  run_resnet8(&failures[1]);
  pthread_join(thread, NULL);
  return failures[0] + failures[1] != 0;
}
