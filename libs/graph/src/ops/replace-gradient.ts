import { tf } from '@assay/tensorflow';

type GradientConfig = Parameters<typeof tf.registerGradient>[0];

/** Registers a gradient in place of tfjs's own, if it has one. */
export function replaceGradient(config: GradientConfig): void {
  if (tf.getGradient(config.kernelName) !== undefined) tf.unregisterGradient(config.kernelName);
  tf.registerGradient(config);
}
