/** Takes credentials out of a text: the user part of a URL, however it is written, and the value of an HTTP header. */
export const redact = (text: string): string =>
  text.replace(/\/\/[^\s/'"]*@/g, "//***@").replace(/(authorization:[ \t]*(?:basic|bearer|token)?[ \t]*)\S+/gi, "$1***")
