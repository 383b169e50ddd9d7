/**
 * A conversation as the text that models read: a line `role: text` for each message, line breaks in it made spaces. Training
 * and serving render by this function alone.
 */
export const renderMessages = (messages: readonly { role: string; text: string }[]): string =>
  messages.map(({ role, text }) => `${role.trim()}: ${text.replaceAll(/\s*[\r\n]+\s*/g, ' ')}`).join('\n');
