/** The name of the job that does one ecosystem's work: by it the forge's own account of the job is found. */
export const matrixJob = (ecosystem: string): string => `Generate ${ecosystem}`
