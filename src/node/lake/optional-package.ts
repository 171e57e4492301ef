// A package that is installed beside rtnvis by those who use it.
import { CaptureError } from '../../errors.ts'

/** @param purpose what it is for: the beginning of the message @throws CaptureError if it is not installed */
export async function optionalPackage<Module>(purpose: string, name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new CaptureError(`${purpose}, which is not installed: npm install ${name} (with -g if rtnvis is installed so)`)
  }
}
