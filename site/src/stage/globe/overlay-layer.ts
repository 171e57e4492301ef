// What the layers over the earth have in common: they are transparent, lie on what is there, and are picked by other means (three.js).
import * as THREE from 'three'

export function overlayMaterial(
  shaders: { vertexShader: string; fragmentShader: string },
  uniforms: THREE.ShaderMaterialParameters['uniforms'],
  more: THREE.ShaderMaterialParameters = {},
): THREE.ShaderMaterial {
  return new THREE.ShaderMaterial({ ...shaders, uniforms: uniforms!, transparent: true, depthWrite: false, ...more })
}

/** Drawn wherever the camera looks, never hit by three.js' own picking. */
export function asOverlay<Layer extends THREE.Object3D>(layer: Layer, order: number): Layer {
  layer.frustumCulled = false
  layer.raycast = () => {}
  layer.renderOrder = order
  return layer
}

/** Where points are to be set later. three.js compiles another program for a geometry without positions. */
export function noPoints(): THREE.BufferGeometry {
  return new THREE.BufferGeometry().setAttribute('position', new THREE.Float32BufferAttribute([], 3))
}
