"""Training. The only room that imports TensorFlow, Keras and SciKeras; loaded by the first fit."""
